import { createHash, randomBytes } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Config } from '../config.ts';

/** How much more one account may be tried from all networks together, an hour, than from one in a quarter of one. */
const wide = 12;
const mostNetworks = 10_000;

/**
 * Guesses are limited where they come from, so that nobody shuts a peer out from outside: by network, by account on that
 * network, and only widely by account. A network from which the right password came is not in the wide count, and the code of
 * a locked screen counts for its own session alone.
 */
export function createSignInLimits({ limits }: Pick<Config, 'limits'>) {
  const key = randomBytes(32);
  const hashed = (text: string) => createHash('sha256').update(key).update(text).digest('base64');
  const perNetwork = new RateLimiterMemory({ points: limits.signInsPerNetwork15Min, duration: 900 });
  const perPair = new RateLimiterMemory({ points: limits.signInsPerAccount15Min, duration: 900 });
  const perAccount = new RateLimiterMemory({ points: limits.signInsPerAccount15Min * wide, duration: 3600 });
  const codes = new RateLimiterMemory({ points: limits.codesPerNetwork5Min, duration: 300 });
  const codesOfAccount = new RateLimiterMemory({ points: limits.codesPerNetwork5Min * 3, duration: 3600 });
  const known = new Set<string>();
  const pair = (network: string, email: string) => hashed(`${network} ${email.toLowerCase()}`);
  const allowed = (limiter: RateLimiterMemory, who: string) =>
    limiter.consume(who).then(
      () => true,
      () => false,
    );
  return {
    network: (network: string) => allowed(perNetwork, network),
    async password(network: string, email: string): Promise<boolean> {
      const both = pair(network, email);
      if (!(await allowed(perPair, both))) return false;
      return known.has(both) || allowed(perAccount, hashed(email.toLowerCase()));
    },
    passwordWasRight(network: string, email: string): void {
      if (known.size >= mostNetworks) known.clear();
      known.add(pair(network, email));
    },
    /** @param account whose code is asked for: it is known once the password was right. */
    async code(network: string, account: string | null): Promise<boolean> {
      return (await allowed(codes, `network ${network}`)) && (!account || allowed(codesOfAccount, account));
    },
    unlock: (sessionId: string) => allowed(codes, `session ${sessionId}`),
  };
}
