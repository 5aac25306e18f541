import type { Deps } from '../deps.ts';
import { leaseMs } from '../due/presenceSweep.ts';
import { presenceEpochKey, presenceKey } from '../storage/redis/keys.ts';

/** Whether somebody on staff has a page open, on whichever node. @returns null: nobody knows */
export async function hasPage({ redis, clock, withoutRedis }: Deps, staffId: string): Promise<boolean | null> {
  if (redis.status !== 'ready' || withoutRedis()) return null;
  const [since, until] = await Promise.all([redis.get(presenceEpochKey), redis.zscore(presenceKey, staffId)]);
  const now = clock.now().getTime();
  if (until !== null && Number(until) > now) return true;
  return since === null || now - Number(since) < leaseMs ? null : false;
}
