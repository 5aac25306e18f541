import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { Redis } from 'ioredis';
import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';
import { armCrashPoint } from './crashPoints.ts';
import { createHub } from './events/hub.ts';
import { hearWithoutRedis } from './events/withoutRedis.ts';
import { openKeyRing, type KeyRing } from './keys/keyRing.ts';
import { createQueueProjection, type QueueProjection } from './queue/queueProjection.ts';
import { createOutboxMarks } from './due/outboxMarks.ts';
import { createPrompts } from './due/prompts.ts';
import { databaseClock } from './storage/postgres/clock.ts';
import { createLines, type Lines } from './storage/postgres/lines.store.ts';
import { createBatchedReads, type BatchedReads } from './storage/postgres/batchedReads.ts';
import { openHotPool, openPool, preparedOf, sqlOf, type Sql } from './storage/postgres/pool.ts';
import type { MediaEngine } from './media/engine.ts';
import { openMedia } from './media/openMedia.ts';
import { createOnCallSeen, type OnCallSeen } from './onCall/onCallSeen.ts';
import { openRedis } from './storage/redis/clients.ts';
import { eventChannel } from './storage/redis/keys.ts';

/** Everything a command, a door or a loop may use, wired here once and handed in. */
export type Deps = {
  config: Config;
  log: Logger;
  nodeId: string;
  pool: ReturnType<typeof openPool>;
  /** Connections for the transactions of commands. */
  acts: ReturnType<typeof openPool>;
  /** Reads and single statements outside a transaction. */
  sql: Sql;
  /** The same on connections of their own, for what happens with every request and view. */
  hot: Sql;
  /** What views are made of. */
  reads: BatchedReads;
  clock: { now(): Date; offsetMs(): number };
  redis: Redis;
  hub: ReturnType<typeof createHub>;
  ring: KeyRing;
  /** What carries calls. */
  media: MediaEngine;
  /** Who waits in which order. */
  queue: QueueProjection;
  lines: Lines;
  /** Who would be called, as pages show it. */
  onCall: OnCallSeen;
  /** Somebody looks at the due rows at that time. */
  promptAt(time: Date): void;
  outboxTold(ids: readonly number[]): void;
  /** Redis cannot be relied on to tell anything right now. */
  withoutRedis(): boolean;
};

type Telling = { from: string; events: DomainEvent[] };

export async function openDeps(
  config: Config,
  role: 'server' | 'worker',
): Promise<{ deps: Deps; close(): Promise<void> }> {
  const log = pino({ level: config.logLevel, base: { role } });
  armCrashPoint(config.crashAt, log);
  const nodeId = randomUUID();
  const pool = openPool(config.databaseUrl, 8);
  const acts = openHotPool(config.databaseUrl, 12);
  const sql = sqlOf(pool);
  const hotPool = openHotPool(config.databaseUrl, 8);
  const hot = preparedOf(hotPool);
  const clock = databaseClock(sql);
  await clock.measure();
  const lines = await createLines(sql);
  const { redis, subscriber, blocking, ready, close: closeRedis } = openRedis(config.redisUrl, log);
  await ready(3000);
  const queue = createQueueProjection({ sql: hot, redis, clock, lines, log });
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
  const alone = hearWithoutRedis({ sql, redis, clock, log, hear: hub.hear });
  const marks = createOutboxMarks(sql, clock, log);
  const prompts = createPrompts(redis, blocking, clock);
  const media = openMedia(config, log, clock.now);
  const deps: Deps = {
    config,
    log,
    nodeId,
    pool,
    acts,
    sql,
    hot,
    reads: createBatchedReads(hotPool),
    clock,
    redis,
    hub,
    lines,
    onCall: createOnCallSeen({ clock, hub, lines, sql }),
    queue,
    ring: openKeyRing(config.keysDir),
    media,
    promptAt: prompts.at,
    outboxTold: marks.told,
    withoutRedis: alone.now,
  };
  return {
    deps,
    async close() {
      clock.stop();
      lines.stop();
      await Promise.all([marks.stop(), alone.stop(), media.stop()]);
      await queue.settled();
      await prompts.close();
      closeRedis();
      await Promise.all([pool, acts, hotPool].map((one) => one.end()));
    },
  };
}
