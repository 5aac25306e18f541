import { answerHandOff, askForClinician, revokeShare, withdrawEscalation } from '../acts/escalations.ts';
import { answerInvitation, withdrawInvitation } from '../acts/invitations.ts';
import { sendMessage } from '../acts/messages.ts';
import { removeParty } from '../acts/parties.ts';
import { leaveRequest, openRequest, setRequestChannel } from '../acts/requests.ts';
import { answerChannel, chooseNextPeer, endTalk, proposeChannel } from '../acts/talks.ts';
import type { RowOf } from '../store/rows.ts';
import type { World } from '../world.ts';
import { createPerson, type Person } from './person.ts';

const minute = 60_000;

/** Comes once, waits, talks, asks for somebody else perhaps, and goes; at any time without a word. */
export function callerComes(world: World, id: string): void {
  const me = createPerson(world, id, 'caller');
  const { random } = me;
  const talks = new Set<string>();
  const answered = new Set<string>();
  const myTalk = () => [...world.store.live('talk').values()].find((t) => t.callerId === id);
  const channel = random.chance(world.line.eager ? 0.5 : 0.8) ? 'chat' : random.pick(world.line.config.channels);

  me.told = () => {
    const talk = myTalk();
    if (!talk || !me.server) return;
    if (!talks.has(talk.id)) begins(me, talk.id);
    talks.add(talk.id);
    if (talk.peerLostAt !== null && random.chance(0.3))
      me.later(random.whole(2000, 40_000), 'next peer', () =>
        me.ask('next peer', (p, c) => chooseNextPeer(p, id, c, talk.id)),
      );
    const { proposal } = talk;
    if (proposal?.by === 'peer' && random.chance(0.8))
      me.later(random.whole(1000, 20_000), 'a call', () =>
        me.ask('answer call', (p, c) => answerChannel(p, id, c, talk.id, proposal.channel, random.chance(0.7))),
      );
    const asking = world.store.of('escalation', talk.id).find((e) => e.state === 'asking' && !answered.has(e.id));
    if (asking) asked(me, asking);
    if (asking) answered.add(asking.id);
    const invitation = world.store.of('invitation', talk.id).find((i) => i.state === 'asking' && !answered.has(i.id));
    if (invitation) askedIn(world, me, invitation.id);
    if (invitation) answered.add(invitation.id);
    const joined = world.store
      .of('participant', talk.id)
      .find((x) => (x.role === 'clinician' || x.joinedAt !== null) && x.leftAt === null);
    if (joined && random.chance(0.03))
      me.later(random.whole(5000, 60_000), 'please leave', () =>
        me.ask('remove', (p, c) => removeParty(p, id, c, talk.id, joined.partyId)),
      );
  };

  function begins(person: Person, talkId: string): void {
    for (let n = random.whole(1, 8); n > 0; n--)
      person.later(random.whole(1000, 20 * minute), 'writes', () =>
        person.ask('write', (p, c) => sendMessage(p, id, c, talkId)),
      );
    if (random.chance(0.15))
      person.later(random.whole(5000, 10 * minute), 'asks for a clinician', () =>
        person.ask('ask for a clinician', (p, c) =>
          askForClinician(p, id, c, talkId, random.pick(['nothing', 'conversation'])),
        ),
      );
    if (random.chance(0.1))
      person.later(random.whole(5000, 10 * minute), 'would call', () =>
        person.ask('propose', (p, c) => proposeChannel(p, id, c, talkId, random.pick(['voice', 'video', 'chat']))),
      );
    if (random.chance(0.6))
      person.later(random.whole(30_000, 40 * minute), 'ends', () =>
        person.ask('end', (p, c) => endTalk(p, id, c, talkId)),
      );
    if (random.chance(0.25)) person.later(random.whole(1000, 20 * minute), 'is lost', () => vanish(person, 0.3));
  }

  const join = () =>
    me.ask(
      'ask',
      (p, c) => openRequest(p, id, c, channel),
      (result) => {
        if (result.ok) world.ledger.promised.set((result.value as { requestId: string }).requestId, id);
      },
    );
  me.connect();
  join();
  if (random.chance(0.12))
    me.later(random.whole(1000, 10 * minute), 'leaves', () => me.ask('leave', (p, c) => leaveRequest(p, id, c)));
  if (random.chance(0.05))
    me.later(random.whole(1000, 3 * minute), 'another channel', () =>
      me.ask('channel', (p, c) => setRequestChannel(p, id, c, random.pick(world.line.config.channels))),
    );
  if (random.chance(0.15)) me.later(random.whole(1000, 6 * minute), 'is lost', () => vanish(me, 0.3));
  me.later(4 * 60 * minute, 'goes', () => {
    me.losePage('closed', null);
    world.after(60 * minute, `${id} is forgotten`, () => void world.people.delete(id));
  });
}

const vanish = (me: Person, forGood: number): void =>
  me.losePage(
    me.random.chance(0.5) ? 'closed' : 'silent',
    me.random.chance(forGood) ? null : me.random.whole(500, 4 * minute),
  );

/** [ES3] Yes, no, or nothing; and what they said yes to may be taken back. */
function asked(me: Person, { id }: RowOf<'escalation'>): void {
  const { random } = me;
  const says = random.weighed({ yes: 6, no: 2, nothing: 2, withdraw: 1 });
  if (says === 'nothing') return;
  me.later(random.whole(1000, 320_000), `says ${says}`, () =>
    me.ask(`hand-off: ${says}`, (p, commandId) =>
      says === 'withdraw'
        ? withdrawEscalation(p, me.id, { commandId, id })
        : answerHandOff(
            p,
            me.id,
            { commandId, id },
            says === 'yes',
            random.pick(['nothing', 'summary', 'conversation']),
          ),
    ),
  );
  if (random.chance(0.1))
    me.later(random.whole(1000, 400_000), 'takes consent back', () =>
      me.ask('revoke', (p, commandId) => revokeShare(p, me.id, { commandId, id })),
    );
}

/** [IN2] Yes with what they may see, no, or nothing; and taken back before anybody has come. */
function askedIn(world: World, me: Person, id: string): void {
  const random = world.random.stream(`asked ${id}`);
  const says = random.weighed({ nothing: 35, conversation: 35, no: 12, silent: 10, withdraw: 8 });
  if (says === 'silent') return;
  const share = says === 'nothing' || says === 'conversation' ? says : null;
  const takesBack = (ms: number) =>
    me.later(ms, 'takes it back', () =>
      me.ask('invitation: withdraw', (p, commandId) => withdrawInvitation(p, me.id, { commandId, id })),
    );
  if (says === 'withdraw') return takesBack(random.whole(1000, 60_000));
  me.later(random.whole(1000, random.chance(0.1) ? 320_000 : 40_000), `says ${says}`, () =>
    me.ask(`invitation: ${says}`, (p, commandId) => answerInvitation(p, me.id, { commandId, id }, share)),
  );
  if (random.chance(0.1)) takesBack(random.whole(20_000, 120_000));
}
