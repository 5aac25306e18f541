import type { DueKind } from '@hearthline/shared/contracts/jobs';
import { ok, refuse, type RefusalCode, type Result } from '@hearthline/shared/contracts/refusals';
import type { Process } from './processes.ts';
import type { Event, RowOf, Rows, TableName } from './store/rows.ts';
import type { Store } from './store/store.ts';
import type { World } from './world.ts';

/** Ends a transaction without a trace. */
export class Refused extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode) {
    super(code);
    this.code = code;
  }
}
export function orRefuse<T>(result: Result<T>): T {
  if (!result.ok) throw new Refused(result.code);
  return result.value;
}
export function allow(may: boolean, code: RefusalCode): asserts may {
  if (!may) throw new Refused(code);
}

export type Tx = Pick<Store, 'get' | 'live' | 'of'> & {
  /** What the process takes for the time of the database. */
  now: number;
  date: Date;
  world: World;
  newId(kind: string): string;
  put<T extends TableName>(table: T, row: Rows[T]): void;
  /** A guarded write. @returns the row as it is now; null: the guard did not hold, and nothing was written */
  change<T extends TableName>(
    table: T,
    id: string,
    guard: (row: RowOf<T>) => boolean,
    to: Partial<RowOf<T>>,
  ): RowOf<T> | null;
  emit(type: string, ...to: (string | null)[]): void;
  due(kind: DueKind, subject: string, at: number): void;
  undue(kind: DueKind, subject: string): void;
  /** Why it was done, for whoever reads the history. */
  note(words: string): void;
};
export type Died = { died: true };
export type Act = { name: string; actor?: string; commandId?: string };

/** Thrown where a process ends in the middle of something; whoever started it has no answer. */
export class ProcessDied extends Error {}

/**
 * As `act()` of the server: one transaction with outbox, timers and idempotency; what it did is told after the commit. The process
 * may end before the commit, and after it before anything is told.
 */
export function act<T>(p: Process, { name, actor, commandId }: Act, run: (tx: Tx) => T): Result<T> {
  const { world } = p;
  if (!p.alive) throw new ProcessDied();
  const events: Event[] = [];
  const notes: string[] = [];
  const key = commandId && `${actor}/${commandId}`;
  try {
    const { value, changes } = world.store.transact(() => {
      const tx = txOf(p, events, notes);
      const earlier = key ? world.store.get('command', key) : undefined;
      if (earlier) return earlier.answer as T;
      const answer = run(tx);
      for (const event of events) world.store.put('outbox', { id: tx.newId('event'), event, writtenAt: tx.now });
      if (key) world.store.put('command', { id: key, name, answer, at: tx.now });
      world.mayDie(p, `${name}.beforeCommit`);
      return answer;
    });
    world.committed({ name, actor: actor ?? 'system', process: p.name, changes, notes });
    world.mayDie(p, `${name}.afterCommit`);
    world.tell(
      p,
      changes.flatMap(({ table, after }) => (table === 'outbox' && after ? [after] : [])),
    );
    return ok(value);
  } catch (error) {
    if (error instanceof Refused) return refuse(error.code);
    throw error;
  }
}

function txOf(p: Process, events: Event[], notes: string[]): Tx {
  const { world } = p;
  const { store } = world;
  const now = p.clock();
  return {
    now,
    date: new Date(now),
    world,
    newId: world.newId,
    get: store.get,
    live: store.live,
    of: store.of,
    put: store.put,
    change(table, id, guard, to) {
      const row = store.get(table, id);
      if (!row || !guard(row)) return null;
      const next = { ...row, ...to };
      store.put(table, next);
      return next;
    },
    emit: (type, ...to) => void events.push({ type, to: to.filter((id) => id !== null) }),
    due: (kind, subject, at) => store.put('due', { id: `${kind}/${subject}`, kind, subject, at }),
    undue: (kind, subject) => {
      if (store.get('due', `${kind}/${subject}`)) store.remove('due', `${kind}/${subject}`);
    },
    note: (words) => void notes.push(words),
  };
}
