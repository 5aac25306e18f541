import type { Process } from './processes.ts';
import type { Rows } from './store/rows.ts';
import { readTalk } from './acts/messages.ts';
import type { World } from './world.ts';

type Hears = { matcher(): void; sender(): void };
const wakesMatcher = /^(request\.|offer\.over|conversation\.(returned|channel)|invitation\.|wrapUp|peer\.changed)/;

/**
 * What was committed is told: to pages, and to who does what time does. Mostly at once; sometimes late, twice, not at all or
 * after what was told later. What is not told within two seconds is told again by the relay, if whoever told it has died.
 */
export function startHub(world: World, hears: Hears): { relay(): void } {
  const random = world.random.stream('events');
  const lateMs = () => (random.chance(0.04) ? random.whole(500, 20_000) : random.whole(1, 60));

  function deliver({ event }: Rows['outbox']): void {
    const times = random.chance(0.03) ? 2 : random.chance(0.01) ? 0 : 1;
    for (let n = 0; n < times; n++) {
      if (wakesMatcher.test(event.type)) world.after(lateMs(), 'the matcher hears', hears.matcher);
      if (event.type === 'page.made') world.after(lateMs(), 'senders hear', hears.sender);
      const [, talkId] = /^message\.stored (.+)$/.exec(event.type) ?? [];
      if (talkId) world.after(lateMs(), 'a message is shown', () => show(world, talkId));
      for (const id of new Set(event.to))
        world.after(lateMs(), `${id} is told`, () => world.people.get(id)?.told(event.type));
    }
  }

  world.tell = (p: Process, events) => {
    events.forEach(deliver);
    if (events.length > 0)
      world.processes.later(p, random.whole(200, 1500), 'outbox marked', () => mark(world, events));
  };
  /** Tells again what is late. Whoever has died may have left something untold. */
  return {
    relay(): void {
      if (world.processes.background().length === 0) return;
      const late = [...world.store.live('outbox').values()].filter((o) => o.writtenAt < world.now - 2000);
      if (late.length === 0) return;
      mark(world, late);
      late.forEach(deliver);
    },
  };
}

/** [I14] To everybody in it with a page, what they may read. */
function show(world: World, talkId: string): void {
  for (const { partyId } of world.store.of('participant', talkId)) {
    const person = world.people.get(partyId);
    if (!person?.server) continue;
    const seen = person.seen.get(talkId) ?? 0;
    for (const { seq, epoch } of readTalk(world.store, partyId, talkId)) {
      if (seq <= seen) continue;
      person.seen.set(talkId, seq);
      world.ledger.shown.push({ personId: partyId, talkId, seq, epoch });
    }
  }
}

function mark(world: World, events: readonly Rows['outbox'][]): void {
  world.store.transact(() => {
    for (const { id } of events) if (world.store.get('outbox', id)) world.store.remove('outbox', id);
  });
}
