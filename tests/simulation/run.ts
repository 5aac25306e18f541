import { startAll } from './background.ts';
import { violations } from './checks/index.ts';
import { died, watch } from './ledger.ts';
import { lineOf } from './line/line.ts';
import { callerComes } from './people/caller.ts';
import { clinicianSleeps } from './people/clinician.ts';
import { coordinatorHelps } from './people/coordinator.ts';
import { somebodyPresses } from './people/nonsense.ts';
import { peerWorks } from './people/peer.ts';
import { loseServer } from './people/person.ts';
import { purge } from './purge.ts';
import { randomOf } from './random.ts';
import { asText, createWorld, type World } from './world.ts';

const hour = 3_600_000;
const lookMs = 250;
/** Before changes of clocks in several zones, and in the middle of nothing. */
const starts = [
  '2026-03-07T12:00Z',
  '2026-03-28T12:00Z',
  '2026-10-24T20:00Z',
  '2026-11-01T00:00Z',
  '2026-07-14T09:30Z',
];

export type Outcome = {
  seed: string;
  hours: number;
  happenings: number;
  violations: string[];
  /** The last lines, the whole of it where it is short. */
  history(): string;
  counts: Record<string, number>;
};
export type Options = { seed: string; hours: number; skewed?: boolean; crashes?: number; invites?: boolean };

/** Plays one line for so many hours, and looks after every happening; stops where something does not hold. */
export function play({ seed, hours, skewed = true, crashes, invites = true }: Options): Outcome {
  const random = randomOf(seed);
  const from = Date.parse(random.pick(starts));
  const line = lineOf(random.stream('line'), from, invites);
  const often = crashes ?? random.pick([0, 0.002, 0.01, 0.03]);
  const world = createWorld({ seed, line, crashes: often, skewed, from });
  const counts: Record<string, number> = {};
  fill(world);
  let happenings = 0;
  let looked = from;
  const wrong: string[] = [];
  while (wrong.length === 0 && step(world, from + hours * hour, wrong)) {
    happenings++;
    const nothing = world.fresh.length === 0 && world.ledger.shown.length === 0;
    if (nothing && world.now - looked < lookMs) continue; // the rows are as they were, and so is almost the time
    looked = world.now;
    watch(world);
    count(world, counts);
    wrong.push(...violations(world));
    world.ledger.shown.length = 0;
  }
  return {
    seed,
    hours: (world.now - from) / hour,
    happenings,
    violations: wrong,
    history: () => asText(world.history),
    counts,
  };
}

/** What throws is a bug like one that a check sees. */
function step(world: World, until: number, wrong: string[]): boolean {
  try {
    return world.step(until);
  } catch (error) {
    wrong.push(`thrown: ${(error as Error).stack ?? String(error)}`);
    return true;
  }
}

function fill(world: World): void {
  const { line } = world;
  world.lost = (p) => {
    died(world, p);
    loseServer(world, p);
  };
  startAll(world);
  for (const id of [...line.peers, ...line.neighbours]) peerWorks(world, id);
  for (const id of line.clinicians) clinicianSleeps(world, id);
  for (const id of line.coordinators) coordinatorHelps(world, id);
  const random = world.random.stream('callers');
  let n = 0;
  const comes = () => {
    callerComes(world, `caller${++n}`);
    world.after(-Math.log(1 - random.unit()) * (hour / line.callersPerHour), 'somebody comes', comes);
  };
  world.after(0, 'the first comes', comes);
  const looks = () => {
    for (const person of world.people.values()) if (person.server) person.told('look');
    world.after(30_000, 'pages ask', looks);
  };
  world.after(0, 'pages ask', looks);
  world.after(hour, 'somebody presses anything', () => somebodyPresses(world));
  world.after(hour, 'purge', () => purge(world));
  const empties = world.random.stream('redis');
  const emptied = () => {
    world.redisSince = world.now;
    world.say('Redis is emptied');
    world.after(empties.whole(hour, 10 * hour), 'Redis is emptied', emptied);
  };
  world.after(empties.whole(hour, 10 * hour), 'Redis is emptied', emptied);
}

function count({ fresh }: World, counts: Record<string, number>): void {
  for (const { name, changes, notes } of fresh) {
    // of notes the first word, which is what was done
    for (const did of [name, ...notes.map((note) => note.split(' ')[0]!)]) counts[did] = (counts[did] ?? 0) + 1;
    for (const c of changes)
      if (c.table === 'escalation' && c.after && c.before?.state !== c.after.state)
        counts[`→ ${c.after.state}`] = (counts[`→ ${c.after.state}`] ?? 0) + 1;
  }
}
