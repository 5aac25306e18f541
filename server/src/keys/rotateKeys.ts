import type { Sql } from '../storage/postgres/pool.ts';
import { epochAad } from './epochKeys.ts';
import { dayOf, type KeyRing } from './keyRing.ts';
import { recordAad } from './recordKeys.ts';
import { unwrap, wrap } from './wrap.ts';

const batch = 500;
const keepDays = 7;
type Moved = { moved: number; unreadable: number };
export type Rotated = Moved & { destroyed: number };

/**
 * Moves every live key to today's key-encryption key without touching what it encrypts (S30), then destroys those made
 * more than 7 days ago, unless a row still needs one. Safe to run twice and on two nodes: each update is guarded by the day.
 * @returns counts; `unreadable` rows (key gone, or bytes damaged) stay as they are and do not hold up the others.
 */
export async function rotateKeys(sql: Sql, ring: KeyRing, now: Date): Promise<Rotated> {
  const today = dayOf(now);
  const epochs = await moveEpochKeys(sql, ring, today);
  const records = await moveRecordKeys(sql, ring, today);
  const { rows } = await sql.query<{ key: string }>(
    `select distinct line_id || '/' || kek_day::text as key from epoch_key union select distinct line_id || '/' || kek_day::text from record_key`,
    [],
  );
  const oldest = dayOf(new Date(now.getTime() - keepDays * 86_400_000));
  return {
    moved: epochs.moved + records.moved,
    unreadable: epochs.unreadable + records.unreadable,
    destroyed: ring.destroyOlderThan(oldest, new Set(rows.map((r) => r.key))).length,
  };
}

type Row = { line_id: string; day: string; wrapped: Buffer };
function rewrap(ring: KeyRing, row: Row, today: string, aad: string): Buffer | null {
  const old = ring.existing(row.line_id, row.day);
  const key = old && openOrNull(old, row.wrapped, aad);
  return key && wrap(ring.kekFor(row.line_id, today), key, aad);
}

function openOrNull(kek: Buffer, wrapped: Buffer, aad: string): Buffer | null {
  try {
    return unwrap(kek, wrapped, aad);
  } catch {
    return null; // counted; one damaged row must not keep the keys of all others from being destroyed
  }
}

async function moveEpochKeys(sql: Sql, ring: KeyRing, today: string): Promise<Moved> {
  const done: Moved = { moved: 0, unreadable: 0 };
  let after = ['00000000-0000-0000-0000-000000000000', 0] as [string, number];
  for (;;) {
    const { rows } = await sql.query<Row & { conversation_id: string; epoch: number }>(
      `select conversation_id, epoch, line_id, kek_day::text as day, wrapped from epoch_key
       where kek_day < $1 and (conversation_id, epoch) > ($2::uuid, $3) order by conversation_id, epoch limit ${batch}`,
      [today, ...after],
    );
    for (const r of rows) {
      const wrapped = rewrap(ring, r, today, epochAad(r.conversation_id, r.epoch));
      if (!wrapped) {
        done.unreadable++; // the purge will take the row
        continue;
      }
      done.moved += (
        await sql.query(
          'update epoch_key set kek_day = $3, wrapped = $4 where conversation_id = $1 and epoch = $2 and kek_day = $5',
          [r.conversation_id, r.epoch, today, wrapped, r.day],
        )
      ).rowCount;
    }
    const last = rows.at(-1);
    if (!last || rows.length < batch) return done;
    after = [last.conversation_id, last.epoch];
  }
}

async function moveRecordKeys(sql: Sql, ring: KeyRing, today: string): Promise<Moved> {
  const done: Moved = { moved: 0, unreadable: 0 };
  let after = ['', '00000000-0000-0000-0000-000000000000'] as [string, string];
  for (;;) {
    const { rows } = await sql.query<Row & { owner_kind: string; owner_id: string }>(
      `select owner_kind, owner_id, line_id, kek_day::text as day, wrapped from record_key
       where kek_day < $1 and (owner_kind, owner_id) > ($2, $3::uuid) order by owner_kind, owner_id limit ${batch}`,
      [today, ...after],
    );
    for (const r of rows) {
      const wrapped = rewrap(ring, r, today, recordAad({ ownerKind: r.owner_kind, ownerId: r.owner_id }));
      if (!wrapped) {
        done.unreadable++;
        continue;
      }
      done.moved += (
        await sql.query(
          'update record_key set kek_day = $3, wrapped = $4 where owner_kind = $1 and owner_id = $2 and kek_day = $5',
          [r.owner_kind, r.owner_id, today, wrapped, r.day],
        )
      ).rowCount;
    }
    const last = rows.at(-1);
    if (!last || rows.length < batch) return done;
    after = [last.owner_kind, last.owner_id];
  }
}
