import { createHappenings } from './happenings.ts';
import { createProcesses, type Process, type Processes } from './processes.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { ProcessDied } from './act.ts';
import { randomOf, type Random } from './random.ts';
import type { Line } from './line/line.ts';
import type { Rows } from './store/rows.ts';
import { createStore, type Change, type Store } from './store/store.ts';
import type { Person } from './people/person.ts';

/** One commit, as the history tells it. */
export type Entry = { at: number; name: string; actor: string; process: string; changes: Change[]; notes: string[] };

export type World = {
  now: number;
  random: Random;
  store: Store;
  line: Line;
  processes: Processes;
  people: Map<string, Person>;
  ledger: Ledger;
  history: (Entry | string)[];
  /** Of the happening that runs now. */
  fresh: Entry[];
  /** Requests that are over, since when; the longest first. */
  over: Map<string, number>;
  skewed: boolean;
  /** Redis knows nothing before this time: who has a page is unknown for one lease after it. */
  redisSince: number;
  newId(kind: string): string;
  after(ms: number, what: string, run: () => void): void;
  say(line: string): void;
  committed(entry: Omit<Entry, 'at'>): void;
  mayDie(p: Process, point: string): void;
  /** Set by who does it (`hub.ts`, `background.ts`). */
  tell(p: Process, events: readonly Rows['outbox'][]): void;
  startBackground(): void;
  sweepPresence(): void;
  /** A server has died: whoever was connected to it is not any more. */
  lost(p: Process): void;
  /** Of each row that a commit has changed. */
  changed(change: Change): void;
  /** Runs the next happening. @returns false: nothing is left before this time */
  step(until: number): boolean;
};
export type Options = { seed: string; line: Line; crashes: number; skewed: boolean; from: number };

/** So much of a history is kept; far more than one talk takes. */
const mostKept = 40_000;

export function createWorld({ seed, line, crashes, skewed, from }: Options): World {
  const happenings = createHappenings();
  const random = randomOf(seed);
  const chance = random.stream('crashes');
  let ids = 0;
  const unset = () => {
    throw new Error('the world has no background yet');
  };
  const world: World = {
    now: from,
    random,
    store: createStore(),
    line,
    processes: undefined as never,
    people: new Map(),
    ledger: createLedger(from),
    history: [],
    fresh: [],
    over: new Map(),
    skewed,
    redisSince: from,
    newId: (kind) => `${kind}-${++ids}`,
    after: (ms, what, run) => happenings.add(world.now + Math.max(0, Math.round(ms)), what, run),
    say(words) {
      if (world.history.length > mostKept) world.history.splice(0, mostKept / 2);
      world.history.push(`${new Date(world.now).toISOString()}  ${words}`);
    },
    committed(entry) {
      const full = { at: world.now, ...entry };
      if (world.history.length > mostKept) world.history.splice(0, mostKept / 2);
      world.history.push(full);
      world.fresh.push(full);
      entry.changes.forEach(world.changed);
    },
    mayDie(p, point) {
      if (!chance.chance(crashes)) return;
      world.say(`${p.name} dies at ${point}`);
      world.processes.kill(p, chance.whole(2000, chance.chance(0.1) ? 120_000 : 15_000));
      throw new ProcessDied();
    },
    tell: unset,
    startBackground: unset,
    changed: unset,
    sweepPresence: unset,
    lost: unset,
    step(until) {
      const next = happenings.next();
      if (!next) return false;
      if (next.at > until) return false;
      world.now = next.at;
      world.fresh = [];
      try {
        next.run();
      } catch (error) {
        if (!(error instanceof ProcessDied)) throw error;
      }
      return true;
    },
  };
  world.processes = createProcesses(world, 2, 2);
  return world;
}

const changed = (before: object, after: object): string =>
  Object.entries(after)
    .filter(([key, value]) => JSON.stringify(before[key as never]) !== JSON.stringify(value))
    .map(([key, value]) => `${key}=${shown(value)}`)
    .join(' ');
const shown = (value: unknown): string =>
  typeof value === 'number' && value > 1e12 ? new Date(value).toISOString().slice(11, 23) : JSON.stringify(value);
const quiet = new Set(['outbox', 'command', 'due', 'message']);

/** As words, a line a commit. */
export function asText(history: readonly (Entry | string)[]): string {
  return history
    .map((e) => {
      if (typeof e === 'string') return e;
      const rows = e.changes
        .filter((c) => !quiet.has(c.table))
        .map(({ table, id, before, after }) => `${table} ${id} ${after ? changed(before ?? {}, after) : 'gone'}`);
      return `${new Date(e.at).toISOString()}  ${e.actor} ${e.name} @${e.process}  ${[...rows, ...e.notes].join('; ')}`;
    })
    .join('\n');
}
