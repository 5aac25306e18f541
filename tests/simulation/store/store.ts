import { groupOf, holds, isLive, unique, type Rows, type TableName } from './rows.ts';

/** One row as a transaction left it. */
export type Change = {
  [T in TableName]: { table: T; id: string; before: Rows[T] | null; after: Rows[T] | null };
}[TableName];

/** What a database would refuse; a bug unless whoever wrote it was waiting for it. */
export class Broken extends Error {}

type Table<R> = {
  all: Map<string, R>;
  live: Map<string, R>;
  groups: Map<string, Map<string, R>>;
  keys: Map<string, string>[];
};
const names = Object.keys(isLive) as TableName[];

/** Tables in memory, with transactions that end whole or leave no trace, and constraints that are judged at each write. */
export type Store = {
  get<T extends TableName>(table: T, id: string): Rows[T] | undefined;
  /** Those that somebody still has to do something with. */
  live<T extends TableName>(table: T): ReadonlyMap<string, Rows[T]>;
  /** By what `groupOf` says. */
  of<T extends TableName>(table: T, group: string): Rows[T][];
  count(table: TableName): number;
  put<T extends TableName>(table: T, row: Rows[T]): void;
  remove(table: TableName, id: string): void;
  /** Runs it as one transaction. @returns its rows as they changed, in order */
  transact<R>(run: () => R): { value: R; changes: Change[] };
};

export function createStore(): Store {
  const tables = Object.fromEntries(names.map((name) => [name, emptyTable(name)])) as unknown as {
    [T in TableName]: Table<Rows[T]>;
  };
  let journal: Change[] | null = null;

  function write<T extends TableName>(name: T, id: string, after: Rows[T] | null): void {
    if (!journal) throw new Broken(`${name} is written outside of a transaction`);
    const before = tables[name].all.get(id) ?? null;
    journal.push({ table: name, id, before, after } as Change);
    if (after && holds[name]?.(after) === false)
      throw new Broken(`check of ${name} is broken by ${JSON.stringify(after)}`);
    index(tables[name], name, id, before, after);
  }

  return {
    get: (name, id) => tables[name].all.get(id),
    live: (name) => tables[name].live,
    of: (name, group) => [...(tables[name].groups.get(group)?.values() ?? [])],
    count: (name) => tables[name].all.size,
    put: (name, row) => write(name, row.id, row),
    remove: (name, id) => write(name, id, null),
    transact(run) {
      if (journal) throw new Broken('a transaction within another');
      const changes: Change[] = (journal = []);
      try {
        return { value: run(), changes };
      } catch (error) {
        for (const { table, id, before, after } of changes.reverse()) undo(tables[table], table, id, after, before);
        throw error;
      } finally {
        journal = null;
      }
    },
  };
}

const emptyTable = (name: TableName): Table<unknown> => ({
  all: new Map(),
  live: new Map(),
  groups: new Map(),
  keys: (unique[name] ?? []).map(() => new Map<string, string>()),
});

/** Back to what it was; the row that is undone may be the very one that a constraint refused. */
function undo(table: unknown, name: TableName, id: string, after: unknown, before: unknown): void {
  index(table as Table<Rows['due']>, name as 'due', id, after as Rows['due'], before as Rows['due'], true);
}

function index<T extends TableName>(
  table: Table<Rows[T]>,
  name: T,
  id: string,
  before: Rows[T] | null,
  after: Rows[T] | null,
  undoing = false,
): void {
  unique[name]?.forEach((keyOf, i) => {
    const keys = table.keys[i]!;
    const [was, is] = [before && keyOf(before), after && keyOf(after)];
    if (was && keys.get(was) === id) keys.delete(was);
    if (!is) return;
    if (keys.has(is) && keys.get(is) !== id && !undoing) throw new Broken(`unique index ${i + 1} of ${name}: ${is}`);
    keys.set(is, id);
  });
  if (after) table.all.set(id, after);
  else table.all.delete(id);
  if (after && isLive[name](after)) table.live.set(id, after);
  else table.live.delete(id);
  const group = groupOf[name];
  if (!group) return;
  if (before) drop(table.groups, group(before), id);
  if (after) {
    const key = group(after);
    const rows = table.groups.get(key) ?? new Map<string, Rows[T]>();
    table.groups.set(key, rows);
    rows.set(id, after);
  }
}

function drop<R>(groups: Map<string, Map<string, R>>, key: string, id: string): void {
  const rows = groups.get(key);
  rows?.delete(id);
  if (rows?.size === 0) groups.delete(key);
}
