import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Deps } from '../deps.ts';
import { keysHandedOut } from '../storage/redis/keys.ts';

/**
 * Token buckets in the process, without a round trip; only hand-outs of keys, which are few, are counted over all servers.
 * A refusal is always said, never a silent drop (S16).
 */
export function createLimits({ config: { limits }, redis }: Pick<Deps, 'config' | 'redis'>) {
  const messages = bucket(limits.messagesPer10S, 10_000);
  const calls = bucket(limits.callsPer10S, 10_000);
  const violations = bucket(limits.violationsPerMin, 60_000);
  const typing = bucket(1, 2500); // pages tell it every 3 s
  const joins = new RateLimiterMemory({ points: limits.joinsPer10Min, duration: 600 });
  const network = new RateLimiterMemory({ points: limits.joinsPerNetwork10Min, duration: 600 });
  const cap = { points: limits.keysPerStaff10Min, duration: 600 };
  const keys = new RateLimiterRedis({
    ...cap,
    storeClient: redis,
    keyPrefix: keysHandedOut,
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(cap), // while Redis is away each server counts for itself
  });
  const allowed = (limiter: RateLimiterMemory, key: string) =>
    limiter.consume(key).then(
      () => true,
      () => false,
    );
  return {
    /** Counts a hand-out of keys. @returns by how many this staff member is past the cap, on all servers together; 0 below it. */
    async keysPastCap(staffId: string): Promise<number> {
      return keys.consume(staffId).then(
        () => 0,
        (refused: unknown) => {
          if (!(refused instanceof RateLimiterRes)) throw refused;
          return refused.consumedPoints - limits.keysPerStaff10Min;
        },
      );
    },
    message: messages.take,
    call: calls.take,
    /** Once in a while a person and conversation, however often it is told. */
    typing: (personId: string, conversationId: string): boolean => typing.take(`${personId}/${conversationId}`),
    /** Counts what no page of ours sends: a shape that is not the contract's, a door that is not there or not theirs. */
    violated(personId: string): void {
      violations.take(personId);
    },
    /** Too many of those: nothing of theirs is read until the bucket has filled a little. */
    isBarred: (personId: string): boolean => violations.isEmpty(personId),
    /** @param networkKey keyed hash of the address prefix: many people can share one (a shelter, a clinic), so it is wide. */
    async join(callerId: string, networkKey: string): Promise<boolean> {
      return (await allowed(joins, callerId)) && (await allowed(network, networkKey));
    },
  };
}
export type Limits = ReturnType<typeof createLimits>;

/** Buckets of `size` tokens, one a key, that refill evenly over `ms`. A full one is not kept. */
export function bucket(size: number, ms: number) {
  const buckets = new Map<string, { tokens: number; at: number }>();
  let sweptAt = 0;
  function sweep(now: number): void {
    if (now - sweptAt < ms) return;
    sweptAt = now;
    for (const [k, b] of buckets) if (now - b.at > ms) buckets.delete(k);
  }
  const filled = (b: { tokens: number; at: number }, now: number): number =>
    Math.min(size, b.tokens + ((now - b.at) * size) / ms);
  return {
    /** @returns false when there is none left. */
    take(key: string): boolean {
      const now = performance.now();
      sweep(now);
      let b = buckets.get(key);
      if (!b) buckets.set(key, (b = { tokens: size, at: now })); // changed in place: these are asked for each packet
      b.tokens = filled(b, now);
      b.at = now;
      if (b.tokens < 1) return false;
      b.tokens--;
      return true;
    },
    isEmpty(key: string): boolean {
      const b = buckets.get(key);
      return b ? filled(b, performance.now()) < 1 : size < 1;
    },
  };
}
