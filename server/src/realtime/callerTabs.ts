import { readFileSync } from 'node:fs';
import type { Deps } from '../deps.ts';
import { every } from '../due/loop.ts';
import { callerTabKey } from '../storage/redis/keys.ts';
import { inTurns } from './inTurns.ts';

const releaseTab = readFileSync(new URL('../storage/redis/lua/releaseTab.lua', import.meta.url), 'utf8');
const heldMs = 20_000;
const renewMs = 5000;
const renewTurns = 10;

/**
 * Which tab of a caller is the live one (F27), on whatever node: the first to come, until another takes over or its page
 * is gone. While Redis is away each node knows its own only.
 */
export function createCallerTabs(deps: Deps) {
  const here = new Map<string, string>();
  const ready = () => deps.redis.status === 'ready';

  const someInTurn = inTurns(renewTurns);
  const renewing = every(renewMs / renewTurns, 'renew tabs', deps.log, async () => {
    const some = someInTurn(here, ([callerId]) => callerId);
    if (some.length === 0 || !ready()) return;
    const batch = deps.redis.pipeline();
    for (const [callerId, tab] of some) batch.set(callerTabKey(callerId), tab, 'PX', heldMs);
    await batch.exec();
  });

  /** @returns the live tab, or null when no page of the caller is open. */
  async function live(callerId: string): Promise<string | null> {
    const told = ready() ? await deps.redis.get(callerTabKey(callerId)).catch(() => null) : null;
    const mine = here.get(callerId);
    if (told && mine && told !== mine) here.delete(callerId); // taken over on another node
    return told ?? mine ?? null;
  }

  return {
    live,
    /** The first tab to come is the live one; one that comes later is not. */
    async claim(callerId: string, tab: string): Promise<void> {
      if (ready()) await deps.redis.set(callerTabKey(callerId), tab, 'PX', heldMs, 'NX').catch(() => {});
      if (((await live(callerId)) ?? tab) === tab) here.set(callerId, tab);
    },
    async takeOver(callerId: string, tab: string): Promise<void> {
      here.set(callerId, tab);
      if (ready()) await deps.redis.set(callerTabKey(callerId), tab, 'PX', heldMs).catch(() => {});
    },
    async release(callerId: string, tab: string): Promise<void> {
      if (here.get(callerId) !== tab) return;
      here.delete(callerId);
      if (ready()) await deps.redis.eval(releaseTab, 1, callerTabKey(callerId), tab).catch(() => {}); // else it runs out
    },
    stop: () => renewing.stop(),
  };
}
export type CallerTabs = ReturnType<typeof createCallerTabs>;
