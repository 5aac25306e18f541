import type pg from 'pg';
import { isTextOf } from './needles.ts';

/** What may stand in clear, and where, with the reason. A table stands for its rows, its files and the log that is written before them. */
const mayBeFound: { field: string; place?: string; table?: string }[] = [
  // names and addresses of staff are a directory, and a browser that offers the address again is what WCAG 1.3.5 asks for
  { field: '/staff/sign-in email', place: 'profile of the staff browser' },
  // the same of the clinician's own address and number, in their own browser
  { field: '/staff/on-call means-mail', place: 'profile of the clinician’s browser' },
  { field: '/staff/on-call means-number', place: 'profile of the clinician’s browser' },
  // where a clinician is reached is a directory too
  { field: '/staff/on-call means-mail', table: 'means' },
  // how a line calls its layers as well; what a coordinator made of the roster, the audit log tells by these names
  { field: '/staff/roster -', table: 'on_call_layer' },
  { field: '/staff/roster -', table: 'audit' },
];

/** @returns whether what was found in a place is one of these */
export async function listed(db: pg.Client, typed: ReadonlyMap<string, string>) {
  const files = new Map<string, string[]>();
  for (const { table } of mayBeFound) if (table) files.set(table, await filesOf(db, table));
  return (place: string, find: string): boolean =>
    mayBeFound.some((one) => {
      const text = typed.get(one.field);
      if (text === undefined || !isTextOf(find, text)) return false;
      if (!one.table) return place === one.place;
      if (place === 'tables of PostgreSQL') return find.startsWith(`public.${one.table} `);
      const starts = ['pg_wal/', ...(files.get(one.table) ?? []).map((path) => `${path} `)];
      return place === 'files of PostgreSQL' && starts.some((start) => find.startsWith(start));
    });
}

/** Below the folder of PostgreSQL: of the table and of its indexes. */
async function filesOf(db: pg.Client, table: string): Promise<string[]> {
  const { rows } = await db.query<{ path: string }>(
    `select pg_relation_filepath($1::regclass) as path
     union all select pg_relation_filepath(indexrelid) from pg_index where indrelid = $1::regclass`,
    [table],
  );
  return rows.map(({ path }) => path);
}
