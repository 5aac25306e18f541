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
  const { rows } = await sql.query<{ sealed: Buffer }>(
    'select sealed from sealed_field where owner_kind = $1 and owner_id = $2 and field = $3',
    [of.ownerKind, of.ownerId, of.field],
  );
  const sealed = rows[0]?.sealed;
  const key = sealed && (await dataKey(sql, ring, of));
  return sealed && key ? openField(key, fieldAad(of, of.field), sealed) : null;
}

async function dataKey(sql: Sql, ring: KeyRing, of: Owner): Promise<Buffer | null> {
  const { rows } = await sql.query<{ line_id: string; day: string; wrapped: Buffer }>(
    'select line_id, kek_day::text as day, wrapped from record_key where owner_kind = $1 and owner_id = $2',
    [of.ownerKind, of.ownerId],
  );
  const row = rows[0];
  const kek = row && ring.existing(row.line_id, row.day);
  return row && kek ? unwrap(kek, row.wrapped, recordAad(of)) : null;
}
