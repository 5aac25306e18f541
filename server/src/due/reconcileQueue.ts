import type { Deps } from '../deps.ts';
import { every } from './loop.ts';

/** Every 10 s, and at once when Redis comes back (targets: rebuilt within 30 s). */
export function reconcileQueue(deps: Deps): { stop(): Promise<void> } {
  const compare = async () => {
    const repaired = await deps.queue.reconcileAll();
    if (repaired > 0) deps.log.info({ repaired }, 'the queue differed from its rows and was put right');
  };
  const back = () => void compare().catch(() => {}); // the next turn tries again
  back();
  deps.redis.on('ready', back);
  const loop = every(10_000, 'reconcile queue', deps.log, compare);
  return {
    async stop() {
      deps.redis.off('ready', back);
      await loop.stop();
    },
  };
}
