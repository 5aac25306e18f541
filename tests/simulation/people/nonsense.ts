import { acknowledgePage, closeEscalation, declinePage } from '../acts/escalations.ts';
import { joinEscalation } from '../acts/join.ts';
import { acceptInvitation, declineInvitation } from '../acts/invited.ts';
import { inviteColleague, withdrawInvitation } from '../acts/invitations.ts';
import { sendMessage } from '../acts/messages.ts';
import { handOver, leaveTalk } from '../acts/parties.ts';
import { endTalk } from '../acts/talks.ts';
import type { Process } from '../processes.ts';
import type { World } from '../world.ts';
import { wishOf } from './colleagues.ts';
import type { Person } from './person.ts';

const minute = 60_000;
const takeOver = (p: Process, id: string, commandId: string, talkId: string) => handOver(p, id, commandId, talkId, id);

/** Everybody may press anything: by chance, on what is there or was. */
export function somebodyPresses(world: World): void {
  const random = world.random.stream('nonsense');
  const people = [...world.people.values()].filter((p) => p.server);
  const ids = [...world.store.live('escalation').keys()];
  const talks = [...world.store.live('talk').keys()];
  if (people.length > 0 && ids.length > 0 && talks.length > 0) {
    const who = random.pick(people);
    const id = random.pick(ids);
    const run = random.pick([acknowledgePage, declinePage, joinEscalation, closeEscalation]);
    who.ask(`nonsense ${run.name}`, (p, commandId) => run(p, who.id, { commandId, id }));
    const talk = random.pick(talks);
    const strange = random.pick([leaveTalk, endTalk, sendMessage, takeOver]);
    who.ask(`nonsense ${strange.name}`, (p, c) => strange(p, who.id, c, talk));
  }
  if (world.line.invites && talks.length > 0 && people.length > 0) asksAround(world, people, talks);
  world.after(random.whole(5 * minute, 30 * minute), 'somebody presses anything', () => somebodyPresses(world));
}

function asksAround(world: World, people: readonly Person[], talks: readonly string[]): void {
  const random = world.random.stream(`nonsense at ${world.now}`);
  const who = random.pick(people);
  const [talk, wish] = [random.pick(talks), wishOf(world, random)];
  who.ask('nonsense invite', (p, c) => inviteColleague(p, who.id, c, talk, wish));
  const open = [...world.store.live('invitation').keys()];
  if (open.length === 0) return;
  const [id, other] = [random.pick(open), random.pick(people)];
  const run = random.pick([acceptInvitation, declineInvitation, withdrawInvitation]);
  other.ask(`nonsense ${run.name}`, (p, commandId) => run(p, other.id, { commandId, id }));
}
