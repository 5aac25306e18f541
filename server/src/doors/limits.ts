import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config.ts';

const most = 20_000;

/** Token buckets in the process, without a round trip. A refusal is always said, never a silent drop (S16). */
export function createLimits({ limits }: Pick<Config, 'limits'>) {
  const message = bucket(limits.messagesPer10S, 10_000);
  const call = bucket(limits.callsPer10S, 10_000);
  const joins = new RateLimiterMemory({ points: limits.joinsPer10Min, duration: 600 });
  const network = new RateLimiterMemory({ points: limits.joinsPerNetwork10Min, duration: 600 });
  const keys = new RateLimiterMemory({ points: limits.keysPerStaff10Min, duration: 600 });
  const allowed = (limiter: RateLimiterMemory, key: string) =>
    limiter.consume(key).then(
      () => true,
      () => false,
    );
  return {
    message,
    call,
    /** Counts a hand-out of keys. @returns by how many this staff member is past the cap on this node; 0 below it. */
    async keysPastCap(staffId: string): Promise<number> {
      return keys.consume(staffId).then(
        () => 0,
        (refused: unknown) => {
          if (!(refused instanceof RateLimiterRes)) throw refused;
          return refused.consumedPoints - limits.keysPerStaff10Min;
        },
      );
    },
    /** @param networkKey keyed hash of the address prefix: many people can share one (a shelter, a clinic), so it is wide. */
    async join(callerId: string, networkKey: string): Promise<boolean> {
      return (await allowed(joins, callerId)) && (await allowed(network, networkKey));
    },
  };
}
export type Limits = ReturnType<typeof createLimits>;

/** A bucket of `size` tokens that refills evenly over `ms`. */
function bucket(size: number, ms: number): (key: string) => boolean {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (key) => {
    const now = performance.now();
    if (buckets.size > most) for (const [k, b] of buckets) if (now - b.at > ms) buckets.delete(k);
    const b = buckets.get(key) ?? { tokens: size, at: now };
    b.tokens = Math.min(size, b.tokens + ((now - b.at) * size) / ms);
    b.at = now;
    buckets.set(key, b);
    if (b.tokens < 1) return false;
    b.tokens -= 1;
    return true;
  };
}
