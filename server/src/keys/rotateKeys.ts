import type { Sql } from '../storage/postgres/pool.ts';
import { epochAad } from './epochKeys.ts';
import { dayOf, type KeyRing } from './keyRing.ts';
import { recordAad } from './recordKeys.ts';
import { unwrap, wrap } from './wrap.ts';

const batch = 500;
const keepDays = 7;
const dayMs = 86_400_000;
type Moved = { moved: number; unreadable: number };
export type Rotated = Moved & { destroyed: number };

/**
 * Moves every live key to today's key-encryption key without touching what it encrypts (S30), then destroys those made
 * more than 7 days ago, unless a row still needs one. Safe to run twice and on two nodes: each update is guarded by the day.
 * @returns counts; `unreadable` rows (key gone, or bytes damaged) stay as they are and do not hold up the others.
 */
export function rotateKeys(sql: Sql, ring: KeyRing, now: Date): Promise<Rotated> {
  return moveTo(sql, ring, dayOf(now), dayOf(new Date(now.getTime() - keepDays * dayMs)));
}

/**
 * Moves every live key to a key-encryption key that nobody can have seen, of the day after the last one used, and destroys
 * all others at once (S37). Only while no process runs that remembers them: it would go on wrapping with what is destroyed.
 */
export async function renewKeys(sql: Sql, ring: KeyRing, now: Date): Promise<Rotated> {
  const { rows } = await sql.query<{ day: string }>(
    `select (greatest(max(kek_day), $1::date) + 1)::text as day
     from (select kek_day from epoch_key union all select kek_day from record_key) used`,
    [dayOf(now)],
  );
  const fresh = rows[0]?.day ?? dayOf(new Date(now.getTime() + dayMs));
  return moveTo(sql, ring, fresh, fresh);
}

async function moveTo(sql: Sql, ring: KeyRing, day: string, destroyBefore: string): Promise<Rotated> {
  const epochs = await moveEpochKeys(sql, ring, day);
  const records = await moveRecordKeys(sql, ring, day);
  const { rows } = await sql.query<{ key: string }>(
    `select distinct line_id || '/' || kek_day::text as key from epoch_key union select distinct line_id || '/' || kek_day::text from record_key`,
    [],
  );
  return {
    moved: epochs.moved + records.moved,
    unreadable: epochs.unreadable + records.unreadable,
    destroyed: ring.destroyOlderThan(destroyBefore, new Set(rows.map((r) => r.key))).length,
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
