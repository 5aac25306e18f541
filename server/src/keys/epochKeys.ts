import type { Sql } from '../storage/postgres/pool.ts';
import { dayOf, type KeyRing } from './keyRing.ts';
import { newDataKey, unwrap, wrap } from './wrap.ts';

export const epochAad = (conversationId: string, epoch: number) => `epoch|${conversationId}|${epoch}`;

/** Makes the key of a conversation's epoch, wrapped by the line's key of the day. */
export async function createEpochKey(
  sql: Sql,
  ring: KeyRing,
  of: { conversationId: string; epoch: number; lineId: string; now: Date },
): Promise<void> {
  const day = dayOf(of.now);
  const wrapped = wrap(ring.kekFor(of.lineId, day), newDataKey(), epochAad(of.conversationId, of.epoch));
  await sql.query(
    'insert into epoch_key (conversation_id, epoch, line_id, kek_day, wrapped) values ($1, $2, $3, $4, $5)',
    [of.conversationId, of.epoch, of.lineId, day, wrapped],
  );
}

/** Which epochs somebody may read; the keys of others are not even unwrapped. */
export type Epochs = { epochs: readonly number[] } | { fromEpoch: number; untilEpoch?: number };

/** The keys that can still be unwrapped, by epoch; base64. One that is purged is simply not there. */
export async function readEpochKeys(
  sql: Sql,
  ring: KeyRing,
  conversationId: string,
  which: Epochs = { fromEpoch: 0 },
): Promise<{ epoch: number; key: string }[]> {
  const { rows } = await sql.query<{ epoch: number; line_id: string; day: string; wrapped: Buffer }>(
    `select epoch, line_id, kek_day::text as day, wrapped from epoch_key
     where conversation_id = $1 and epoch >= $2 and ($3::int[] is null or epoch = any($3)) and ($4::int is null or epoch <= $4) order by epoch`,
    [
      conversationId,
      'fromEpoch' in which ? which.fromEpoch : 0,
      'epochs' in which ? which.epochs : null,
      ('fromEpoch' in which ? which.untilEpoch : null) ?? null,
    ],
  );
  return rows.flatMap((r) => {
    const kek = ring.existing(r.line_id, r.day);
    return kek
      ? [{ epoch: r.epoch, key: unwrap(kek, r.wrapped, epochAad(conversationId, r.epoch)).toString('base64') }]
      : [];
  });
}
