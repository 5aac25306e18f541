import type { Redis } from 'ioredis';

/** By kind of name (ids and numbers as `*`): how many keys there are, and the bytes they take (MEMORY USAGE, every element). */
export type Kinds = Record<string, { keys: number; bytes: number }>;

export async function redisKinds(redis: Redis): Promise<Kinds> {
  const kinds: Kinds = {};
  for await (const names of redis.scanStream({ count: 1000 }) as AsyncIterable<string[]>)
    for (const name of names) {
      const bytes = (await redis.memory('USAGE', name, 'SAMPLES', 0)) ?? 0;
      const kind = (kinds[name.replace(/[0-9a-f]{4,}(-[0-9a-f]{4,})*|\d+/gi, '*')] ??= { keys: 0, bytes: 0 });
      kind.keys++;
      kind.bytes += bytes;
    }
  return kinds;
}
