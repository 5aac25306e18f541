import { endTalk } from '../acts/talks.ts';
import type { World } from '../world.ts';
import { withColleagues } from './colleagues.ts';
import { createPerson } from './person.ts';

const minute = 60_000;

/** Has a page open, most of the time, and comes into a talk when a peer asks for help. */
export function coordinatorHelps(world: World, id: string): void {
  const me = createPerson(world, id, 'coordinator');
  me.connect();
  if (!world.line.invites) return;
  const { random } = me;
  const colleagues = withColleagues(world, me);
  const had = new Set<string>();
  me.told = () => {
    if (!me.server) return;
    colleagues.looks();
    for (const talk of world.store.live('talk').values())
      if (talk.peerId === id && !had.has(talk.id)) {
        had.add(talk.id);
        me.later(random.whole(minute, 15 * minute), 'ends', () => me.ask('end', (p, c) => endTalk(p, id, c, talk.id)));
      }
  };
  const lives = () => {
    me.losePage(random.chance(0.5) ? 'closed' : 'silent', random.whole(1000, 20 * minute));
    me.later(random.whole(30 * minute, 120 * minute), 'lives', lives);
  };
  me.later(random.whole(10 * minute, 120 * minute), 'lives', lives);
}
