import type { Logger } from 'pino';
import type { Sql } from '../storage/postgres/pool.ts';

/** Marks outbox rows as told, in batches behind the telling; a mark that is lost only makes the relay tell again. */
export function createOutboxMarks(sql: Sql, clock: { now(): Date }, log: Logger, every = 250) {
  let ids: number[] = [];
  async function flush() {
    if (ids.length === 0) return;
    const batch = ids;
    ids = [];
    await sql
      .query('update outbox set dispatched_at = $2 where id = any($1::bigint[])', [batch, clock.now()])
      .catch((e: Error) => {
        log.warn({ err: e.message, rows: batch.length }, 'outbox marks not written');
      });
  }
  const timer = setInterval(() => void flush(), every);
  timer.unref();
  return {
    told: (more: readonly number[]) => void ids.push(...more),
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}
