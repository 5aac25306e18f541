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
  const { rows } = await sql.query<SealedColumns>(
    `select ${sealedColumns} from (select $1::uuid as id) o ${sealedJoin(of.ownerKind, of.field, 'o.id')}`,
    [of.ownerId],
  );
  return rows[0] ? openSealed(ring, of, rows[0]) : null;
}

export type SealedColumns = {
  sealed: Buffer | null;
  key_line: string | null;
  key_day: string | null;
  wrapped: Buffer | null;
};
export const sealedColumns = 'f.sealed, k.line_id as key_line, k.kek_day::text as key_day, k.wrapped';
/** One field of an owner with its wrapped key, for any row that has the owner's id. The names are ours, never a visitor's. */
export const sealedJoin = (ownerKind: string, field: string, ownerId: string): string =>
  `left join sealed_field f on f.owner_kind = '${ownerKind}' and f.owner_id = ${ownerId} and f.field = '${field}'
   left join record_key k on k.owner_kind = f.owner_kind and k.owner_id = f.owner_id`;
/** @returns null when there is none or the key of its day is gone. @throws when it was sealed for another place. */
export function openSealed(ring: KeyRing, of: Owner & { field: string }, row: SealedColumns): string | null {
  const { sealed, key_line: lineId, key_day: day, wrapped } = row;
  if (!sealed || !lineId || !day || !wrapped) return null;
  const key = unwrapped(ring, of, { line_id: lineId, day, wrapped });
  return key && openField(key, fieldAad(of, of.field), sealed);
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
