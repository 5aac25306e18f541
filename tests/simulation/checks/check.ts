import type { Line } from '../line/line.ts';
import type { Ledger } from '../ledger.ts';
import type { Store } from '../store/store.ts';
import type { Entry } from '../world.ts';

/** What a check looks at: the rows as they are, what has just been committed, and what was seen on the way. */
export type Seen = {
  now: number;
  store: Pick<Store, 'get' | 'live' | 'of' | 'count'>;
  fresh: readonly Entry[];
  ledger: Ledger;
  line: Line;
};
/** @returns what is wrong, in words; nothing where it holds */
export type Check = (seen: Seen) => string[];

/** So late may be what time does, from when there is somebody to do it. */
export const lateMs = 2000;
export const isLate = ({ now, ledger }: Seen, dueAt: number): boolean =>
  ledger.able && now > Math.max(dueAt, ledger.ableSince) + lateMs;

/** Rows of a table that were just changed, each time. */
export function* changesOf<T extends Entry['changes'][number]['table']>(seen: Seen, table: T) {
  for (const entry of seen.fresh)
    for (const change of entry.changes)
      if (change.table === table) yield { entry, ...(change as Extract<Entry['changes'][number], { table: T }>) };
}
