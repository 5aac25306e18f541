import { raiseEscalation } from '../acts/escalations.ts';
import { acceptInvitation, declineInvitation } from '../acts/invited.ts';
import { inviteColleague, withdrawInvitation, type Wish } from '../acts/invitations.ts';
import { sendMessage } from '../acts/messages.ts';
import { handOver, leaveTalk } from '../acts/parties.ts';
import { setPeerState } from '../acts/shifts.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { Person } from './person.ts';

const minute = 60_000;

/** What somebody on staff does about colleagues: those they ask in, and talks that they are asked into. Looked at whenever they are told something. */
export function withColleagues(world: World, me: Person): { asksIn(talkId: string): void; looks(): void } {
  const { id } = me;
  const { store, line } = world;
  const random = world.random.stream(`colleagues of ${id}`);
  const seen = new Set<string>();
  const once = (key: string): boolean => !seen.has(key) && Boolean(seen.add(key));

  function asksIn(talkId: string): void {
    if (!line.invites || !random.chance(line.eager ? 1 : 0.6)) return;
    for (let n = random.whole(1, 3) * (line.eager ? 3 : 1); n > 0; n--)
      me.later(random.whole(3000, 14 * minute), 'asks a colleague in', () =>
        me.ask(
          'invite',
          (p, c) => inviteColleague(p, id, c, talkId, wishOf(world, random)),
          (result) => {
            if (!result.ok) return;
            if (random.chance(0.15)) takesBack((result.value as { invitationId: string }).invitationId);
            if (line.eager) alsoCalls(talkId);
          },
        ),
      );
  }
  /** For a clinician, while a colleague is asked. */
  const alsoCalls = (talkId: string) =>
    me.later(random.whole(1000, 2 * minute), 'calls for a clinician too', () =>
      me.ask('escalate', (p, c) => raiseEscalation(p, id, c, talkId, 'safety')),
    );
  const takesBack = (of: string) =>
    me.later(random.whole(1000, 3 * minute), 'takes it back', () =>
      me.ask('withdraw', (p, commandId) => withdrawInvitation(p, id, { commandId, id: of })),
    );

  function looks(): void {
    if (!line.invites) return;
    for (const i of store.live('invitation').values())
      if (i.state === 'ringing' && i.ringsId === id && once(i.id)) answers(i.id);
    for (const talk of store.live('talk').values()) {
      const place = talk.sideOf ? undefined : store.get('participant', `${talk.id}/${id}`);
      if (place?.leftAt === null && place.joinedAt !== null && once(`${talk.id} ${place.joinedAt}`)) isIn(talk.id);
    }
  }

  /** Yes, no, nothing, or a break just now; and the browser may be gone by the time that they have said it. */
  function answers(of: string): void {
    const how = random.weighed({ comes: 70, cannot: 12, nothing: 8, break: 5, lost: 5 });
    if (how === 'nothing') return;
    me.later(random.whole(500, 30_000), how, () => {
      if (how === 'lost') return me.losePage('closed', random.whole(500, 3 * minute));
      if (how === 'break') return me.ask('break', (p, c) => setPeerState(p, id, c, 'break'), isBack);
      const run = how === 'comes' ? acceptInvitation : declineInvitation;
      me.ask(how, (p, commandId) => run(p, id, { commandId, id: of }));
    });
  }
  const isBack = () =>
    me.later(random.whole(minute, 5 * minute), 'available', () =>
      me.ask('available', (p, c) => setPeerState(p, id, c, 'available')),
    );

  function isIn(talkId: string): void {
    for (let n = random.whole(0, 2); n > 0; n--)
      me.later(random.whole(1000, 5 * minute), 'writes', () =>
        me.ask('write', (p, c) => sendMessage(p, id, c, talkId)),
      );
    const others = store.of('participant', talkId).filter((x) => x.role !== 'caller' && x.partyId !== id);
    if (random.chance(0.2) && others.length > 0)
      me.later(random.whole(1000, 5 * minute), 'gives it away', () =>
        me.ask('hand over', (p, c) => handOver(p, id, c, talkId, random.pick(others).partyId)),
      );
    if (random.chance(0.15))
      me.later(random.whole(1000, 5 * minute), 'is lost', () => me.losePage('closed', random.whole(1000, 3 * minute)));
    me.later(random.whole(20_000, 10 * minute), 'leaves', () => me.ask('leave', (p, c) => leaveTalk(p, id, c, talkId)));
  }
  return { asksIn, looks };
}

/** Mostly whoever is free; sometimes one of whom nobody knows how they are, or of another line. */
export function wishOf({ line }: Pick<World, 'line'>, random: Random): Wish {
  const purpose = random.weighed({ join: 3, takeOver: 4, help: 3 });
  if (purpose === 'takeOver' && random.chance(line.eager ? 0.6 : 0.3)) return { purpose, whom: null, lineId: 'theirs' };
  const all = purpose === 'help' ? line.coordinators : line.peers;
  return {
    purpose,
    whom: random.chance(0.3) ? random.pick(all) : null,
    lineId: random.chance(0.97) ? 'ours' : 'theirs',
  };
}
