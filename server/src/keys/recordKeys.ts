import type { Sql } from '../storage/postgres/pool.ts';
import { dayOf, type KeyRing } from './keyRing.ts';
import { openField, sealField } from './sealedRecord.ts';
import { newDataKey, unwrap, wrap } from './wrap.ts';

type Owner = { ownerKind: string; ownerId: string };
export const recordAad = (o: Owner) => `record|${o.ownerKind}|${o.ownerId}`;
const fieldAad = (o: Owner, field: string) => `field|${o.ownerKind}|${o.ownerId}|${field}`;

/** Seals a field under the owner's one data key, making that key on first use. */
export async function writeSealed(
  sql: Sql,
  ring: KeyRing,
  of: Owner & { lineId: string; field: string; text: string; now: Date },
): Promise<void> {
  const day = dayOf(of.now);
  await sql.query(
    'insert into record_key (owner_kind, owner_id, line_id, kek_day, wrapped) values ($1, $2, $3, $4, $5) on conflict do nothing',
    [of.ownerKind, of.ownerId, of.lineId, day, wrap(ring.kekFor(of.lineId, day), newDataKey(), recordAad(of))],
  );
  const key = await dataKey(sql, ring, of);
  if (!key) throw new Error('the record key cannot be unwrapped');
  await sql.query(
    `insert into sealed_field (owner_kind, owner_id, field, sealed, written_at) values ($1, $2, $3, $4, $5)
     on conflict (owner_kind, owner_id, field) do update set sealed = excluded.sealed, written_at = excluded.written_at`,
    [of.ownerKind, of.ownerId, of.field, sealField(key, fieldAad(of, of.field), of.text), of.now],
  );
}

/** @returns the text, or null when there is none or its key is gone. */
export async function readSealed(sql: Sql, ring: KeyRing, of: Owner & { field: string }): Promise<string | null> {
  const { rows } = await sql.query<SealedRow>(sealedOf(of.ownerKind, of.field), [[of.ownerId]]);
  return rows[0] ? openSealed(ring, of, rows[0]) : null;
}

export type SealedRow = KeyRow & { sealed: Buffer };
/** The statement that reads one field of several owners, each with its wrapped key. The names are ours, never a visitor's. */
export const sealedOf = (ownerKind: string, field: string): string =>
  `select f.owner_id as key, f.sealed, k.line_id, k.kek_day::text as day, k.wrapped
   from sealed_field f join record_key k on k.owner_kind = f.owner_kind and k.owner_id = f.owner_id
   where f.owner_kind = '${ownerKind}' and f.owner_id = any($1::uuid[]) and f.field = '${field}'`;
/** @returns null when the key of its day is gone. @throws when it was sealed for another place. */
export function openSealed(ring: KeyRing, of: Owner & { field: string }, row: SealedRow): string | null {
  const key = unwrapped(ring, of, row);
  return key && openField(key, fieldAad(of, of.field), row.sealed);
}

async function dataKey(sql: Sql, ring: KeyRing, of: Owner): Promise<Buffer | null> {
  const { rows } = await sql.query<KeyRow>(
    'select line_id, kek_day::text as day, wrapped from record_key where owner_kind = $1 and owner_id = $2',
    [of.ownerKind, of.ownerId],
  );
  return rows[0] ? unwrapped(ring, of, rows[0]) : null;
}

type KeyRow = { line_id: string; day: string; wrapped: Buffer };
function unwrapped(ring: KeyRing, of: Owner, row: KeyRow): Buffer | null {
  const kek = ring.existing(row.line_id, row.day);
  return kek ? unwrap(kek, row.wrapped, recordAad(of)) : null;
}
