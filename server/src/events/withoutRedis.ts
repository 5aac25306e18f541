import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { every } from '../due/loop.ts';
import type { Sql } from '../storage/postgres/pool.ts';

const lookMs = 1000;
/** After Redis is back for so long, what was told is heard by everybody again. */
const doubtMs = 6000;
const mostEvents = 500;

type Parts = {
  sql: Sql;
  redis: Redis;
  clock: { now(): Date };
  log: Logger;
  hear(events: readonly DomainEvent[]): void;
};

/**
 * While Redis does not answer, and for a moment after, what other processes did is read from the outbox once a second, so
 * that an offer is seen and a place is told without it. Hearing an event twice is harmless.
 */
export function hearWithoutRedis({ sql, redis, clock, log, hear }: Parts) {
  let doubtUntil = -Infinity;
  let heard = new Set<number>();
  const answers = () =>
    redis.status === 'ready'
      ? redis.ping().then(
          () => true,
          () => false,
        )
      : Promise.resolve(false);
  const loop = every(lookMs, 'hear without Redis', log, async () => {
    if (!(await answers())) doubtUntil = performance.now() + doubtMs;
    if (performance.now() > doubtUntil) return void heard.clear();
    const { rows } = await sql.query<{ id: number; event: DomainEvent; written_at: Date }>(
      `select id, event, written_at from outbox order by id desc limit ${mostEvents}`,
      [],
    );
    const since = clock.now().getTime() - doubtMs;
    const fresh = rows.filter((r) => r.written_at.getTime() > since && !heard.has(r.id)).reverse();
    heard = new Set(rows.map((r) => r.id));
    hear(fresh.map((r) => r.event));
  });
  return {
    /** Redis cannot be relied on to tell anything right now. */
    now: () => performance.now() <= doubtUntil,
    stop: loop.stop,
  };
}
