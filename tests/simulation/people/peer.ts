import { callAgain, raiseEscalation, withdrawEscalation } from '../acts/escalations.ts';
import { sendMessage } from '../acts/messages.ts';
import { acceptOffer, declineOffer } from '../acts/offers.ts';
import { handOver, leaveTalk } from '../acts/parties.ts';
import { endShift, setChatLimit, setPeerState, startShift, submitWrapUp } from '../acts/shifts.ts';
import { answerChannel, endTalk, proposeChannel } from '../acts/talks.ts';
import type { RowOf } from '../store/rows.ts';
import type { World } from '../world.ts';
import { withColleagues } from './colleagues.ts';
import { createPerson } from './person.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Works in shifts: takes what is offered or not, talks, calls for a clinician, leaves, loses the browser. */
export function peerWorks(world: World, id: string): void {
  const me = createPerson(world, id, 'peer');
  const { random } = me;
  const { store } = world;
  const decided = new Set<string>();
  const once = (key: string): boolean => !decided.has(key) && Boolean(decided.add(key));
  const colleagues = withColleagues(world, me);
  let ending = false;
  let resting = false;

  me.told = () => {
    if (!me.server) return;
    colleagues.looks();
    const offer = [...store.live('offer').values()].find((o) => o.peerId === id);
    if (offer && once(offer.id)) answers(offer);
    const state = store.get('peer', id)?.state;
    if (state === 'paused' && !resting) {
      resting = true;
      me.later(random.whole(2000, 90_000), 'is back', () => {
        resting = false;
        me.ask('available', (p, c) => setPeerState(p, id, c, 'available'));
      });
    }
    for (const talk of store.live('talk').values()) {
      if (talk.peerId !== id || talk.sideOf) continue;
      if (once(talk.id)) begins(talk.id);
      if (talk.proposal?.by === 'caller' && once(`${talk.id} ${talk.proposal.channel}`)) {
        const { channel } = talk.proposal;
        me.later(random.whole(1000, 20_000), 'a call', () =>
          me.ask('answer call', (p, c) => answerChannel(p, id, c, talk.id, channel, random.chance(0.7))),
        );
      }
      for (const e of store.of('escalation', talk.id)) follows(talk.id, e);
    }
    for (const wrapUp of store.live('wrapUp').values())
      if (wrapUp.peerId === id && once(`wrap-up ${wrapUp.id}`))
        me.later(random.whole(5000, 5 * minute), 'writes up', () =>
          me.ask('wrap up', (p, c) => submitWrapUp(p, id, c, wrapUp.talkId, random.whole(1, 5))),
        );
  };

  function answers(offer: RowOf<'offer'>): void {
    const how = random.weighed({ accept: 84, declined: 7, recused: 2, nothing: 7 });
    if (how === 'nothing') return;
    me.later(random.whole(500, 30_000), how, () =>
      me.ask(how, (p, c) =>
        how === 'accept' ? acceptOffer(p, id, c, offer.id) : declineOffer(p, id, c, offer.id, how),
      ),
    );
  }

  function begins(talkId: string): void {
    colleagues.asksIn(talkId);
    for (let n = random.whole(1, 6); n > 0; n--)
      me.later(random.whole(1000, 20 * minute), 'writes', () =>
        me.ask('write', (p, c) => sendMessage(p, id, c, talkId)),
      );
    const calls = random.chance(0.45) ? random.whole(1, 3) : 0;
    for (let n = 0; n < calls; n++)
      me.later(random.whole(5000, 12 * minute), 'calls for a clinician', () =>
        me.ask('escalate', (p, c) => raiseEscalation(p, id, c, talkId, random.pick(['consult', 'handOff', 'safety']))),
      );
    if (random.chance(0.1))
      me.later(random.whole(5000, 10 * minute), 'would call', () =>
        me.ask('propose', (p, c) => proposeChannel(p, id, c, talkId, random.pick(['voice', 'video', 'chat']))),
      );
    const ends = random.whole(2 * minute, 40 * minute);
    me.later(ends, 'ends', () => me.ask('end', (p, c) => endTalk(p, id, c, talkId)));
    if (random.chance(0.15))
      me.later(random.whole(5000, 15 * minute), 'leaves', () => me.ask('leave', (p, c) => leaveTalk(p, id, c, talkId)));
  }

  /** What became of an escalation, once a state. */
  function follows(talkId: string, { id: of, state, ownerId }: RowOf<'escalation'>): void {
    if (!once(`${of} ${state}`)) return;
    const back = (ms: number) =>
      me.later(ms, 'takes it back', () =>
        me.ask('withdraw', (p, commandId) => withdrawEscalation(p, id, { commandId, id: of })),
      );
    if (state === 'paging' && random.chance(0.1)) back(random.whole(1000, 2 * minute));
    if (state === 'exhausted' && random.chance(0.3)) back(random.whole(1000, 3 * minute));
    if (state === 'exhausted' && random.chance(0.5)) {
      me.later(random.whole(1000, 2 * minute), 'again', () => {
        decided.delete(`${of} ${state}`);
        me.ask('call again', (p, commandId) => callAgain(p, id, { commandId, id: of }));
      });
    }
    if (state === 'joined' && ownerId && random.chance(0.5))
      me.later(random.whole(5000, 3 * minute), 'hands over', () => {
        me.ask('hand over', (p, c) => handOver(p, id, c, talkId, ownerId));
        if (random.chance(0.7))
          me.later(random.whole(1000, 60_000), 'leaves', () => me.ask('leave', (p, c) => leaveTalk(p, id, c, talkId)));
      });
  }

  function shift(): void {
    ending = false;
    me.connect();
    me.ask(
      'start',
      (p, c) => startShift(p, id, c),
      () =>
        me.later(random.whole(500, 20_000), 'available', () =>
          me.ask('available', (p, c) => setPeerState(p, id, c, 'available')),
        ),
    );
    const lasts = random.whole(2 * hour, 7 * hour);
    for (let n = random.whole(1, 4); n > 0; n--)
      me.later(random.whole(minute, lasts), 'is lost', () =>
        me.losePage(
          random.chance(0.6) ? 'closed' : 'silent',
          random.whole(500, random.chance(0.5) ? 50_000 : 10 * minute),
        ),
      );
    if (random.chance(0.3))
      me.later(random.whole(minute, lasts), 'limit', () =>
        me.ask('limit', (p, c) => setChatLimit(p, id, c, random.whole(1, 4))),
      );
    if (random.chance(0.5))
      me.later(random.whole(minute, lasts), 'break', () => {
        me.ask('break', (p, c) => setPeerState(p, id, c, random.pick(['break', 'minute'])));
        me.later(random.whole(minute, 10 * minute), 'available', () => {
          if (!ending) me.ask('available', (p, c) => setPeerState(p, id, c, 'available'));
        });
      });
    me.later(lasts, 'finishes', () => {
      ending = true;
      me.ask('finishing', (p, c) => setPeerState(p, id, c, 'finishing'));
      me.later(2 * minute, 'ends the shift', endsShift);
    });
  }
  /** Not before everything is closed: asked again until it is. */
  function endsShift(): void {
    me.ask(
      'end shift',
      (p, c) => endShift(p, id, c),
      (result) => {
        if (!result.ok) return me.later(2 * minute, 'ends the shift', endsShift);
        me.losePage('closed', random.whole(hour, 6 * hour));
        me.later(random.whole(hour, 6 * hour), 'next shift', shift);
      },
    );
  }
  me.later(random.whole(0, hour), 'first shift', shift);
}
