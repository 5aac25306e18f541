import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/**
 * Three clients with three tempers: commands fail fast (1 s) and never wait in a queue; the subscriber and BullMQ's
 * blocking one keep trying.
 */
export function openRedis(url: string, log: Logger) {
  const retryStrategy = (times: number) => Math.min(100 * times, 2000);
  const redis = new Redis(url, {
    commandTimeout: 1000,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    connectTimeout: 2000,
    retryStrategy,
    autoResendUnfulfilledCommands: false,
  });
  const subscriber = new Redis(url, { maxRetriesPerRequest: null, connectTimeout: 2000, retryStrategy });
  const blocking = new Redis(url, { maxRetriesPerRequest: null, connectTimeout: 2000, retryStrategy });
  let said = false;
  for (const client of [redis, subscriber, blocking]) {
    client.on('error', (e: Error) => {
      if (!said) log.error({ err: e.message }, 'redis is not reachable; the line goes on from PostgreSQL');
      said = true;
    });
    client.on('ready', () => {
      said = false;
    });
  }
  return {
    redis,
    subscriber,
    blocking,
    /** Resolves when commands can be sent, or after `ms` all the same: the line works without Redis, only less promptly. */
    ready: (ms: number) =>
      Promise.race([
        new Promise<void>((done) => void (redis.status === 'ready' ? done() : redis.once('ready', done))),
        new Promise<void>((done) => void setTimeout(done, ms).unref()),
      ]),
    close() {
      for (const client of [redis, subscriber, blocking]) client.disconnect();
    },
  };
}

/** Redis must never evict; a queue that forgets is worse than one that is full. */
export async function checkRedis(redis: Redis, log: Logger): Promise<void> {
  const info = await redis.info();
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
  if (policy && policy !== 'noeviction')
    throw new Error(`Redis evicts keys (maxmemory-policy ${policy}); set it to noeviction`);
  if (/aof_enabled:0/.test(info))
    log.warn('redis keeps no append-only file; after its restart the queue is rebuilt from PostgreSQL');
}
