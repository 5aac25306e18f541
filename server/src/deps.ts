import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { DueKind } from '@hearthline/shared/contracts/jobs';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';
import { createHub } from './events/hub.ts';
import { openKeyRing, type KeyRing } from './keys/keyRing.ts';
import { createQueueProjection, type QueueProjection } from './queue/queueProjection.ts';
import { createOutboxMarks } from './due/outboxMarks.ts';
import { databaseClock } from './storage/postgres/clock.ts';
import { createLines, type Lines } from './storage/postgres/lines.store.ts';
import { openPool, sqlOf, type Sql } from './storage/postgres/pool.ts';
import { openRedis } from './storage/redis/clients.ts';
import { dueQueue, eventChannel } from './storage/redis/keys.ts';

/** Everything a command, a door or a loop may use, wired here once and handed in. */
export type Deps = {
  config: Config;
  log: Logger;
  nodeId: string;
  pool: ReturnType<typeof openPool>;
  /** Reads and single statements outside a transaction. */
  sql: Sql;
  clock: { now(): Date; offsetMs(): number };
  redis: Redis;
  hub: ReturnType<typeof createHub>;
  ring: KeyRing;
  /** Who waits in which order. */
  queue: QueueProjection;
  lines: Lines;
  /** Makes a timer prompt; its row makes it certain. */
  prompt(kind: DueKind, subjectId: string, at: Date): void;
  outboxTold(ids: readonly number[]): void;
};

type Telling = { from: string; events: DomainEvent[] };

export async function openDeps(
  config: Config,
  role: 'server' | 'worker',
): Promise<{ deps: Deps; close(): Promise<void> }> {
  const log = pino({ level: config.logLevel, base: { role } });
  const nodeId = randomUUID();
  const pool = openPool(config.databaseUrl);
  const sql = sqlOf(pool);
  const clock = databaseClock(sql);
  await clock.measure();
  const lines = await createLines(sql);
  const { redis, subscriber, blocking, ready, close: closeRedis } = openRedis(config.redisUrl, log);
  await ready(3000);
  const queue = createQueueProjection({ sql, redis, clock, lines, log });
  const hub = createHub((events) => {
    queue.told(events);
    const telling: Telling = { from: nodeId, events: [...events] };
    redis.publish(eventChannel, JSON.stringify(telling)).catch(() => {}); // the relay and every screen's own asking make up for it
  });
  subscriber.on('message', (_channel, text) => {
    const telling = JSON.parse(text) as Telling; // written by our own processes only
    if (telling.from !== nodeId) hub.hear(telling.events);
  });
  subscriber
    .subscribe(eventChannel)
    .catch((e: Error) => log.warn({ err: e.message }, 'events of other nodes are not heard yet'));
  const marks = createOutboxMarks(sql, clock, log);
  const prompts = new Queue<{ subjectId: string }>(dueQueue, {
    connection: blocking,
    prefix: '{bull}',
    defaultJobOptions: {
      removeOnComplete: true,
      removeOnFail: 1000,
      attempts: 5,
      backoff: { type: 'exponential', delay: 500 },
    },
  });
  prompts.on('error', () => {}); // said by the client itself, once
  const deps: Deps = {
    config,
    log,
    nodeId,
    pool,
    sql,
    clock,
    redis,
    hub,
    lines,
    queue,
    ring: openKeyRing(config.keysDir),
    prompt(kind, subjectId, at) {
      if (redis.status !== 'ready') return;
      const delay = Math.max(0, at.getTime() - clock.now().getTime());
      prompts.add(kind, { subjectId }, { delay, jobId: `${kind}-${subjectId}-${at.getTime()}` }).catch(() => {});
    },
    outboxTold: marks.told,
  };
  return {
    deps,
    async close() {
      clock.stop();
      lines.stop();
      await marks.stop();
      await queue.settled();
      await prompts.close().catch(() => {});
      closeRedis();
      await pool.end();
    },
  };
}
