import { setTimeout } from 'node:timers/promises';
import type { Scene } from './rig.ts';

/** Milliseconds until it holds. @throws after `ms`. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, ms = 30_000): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > ms) throw new Error(`${what} did not come within ${ms} ms`);
    await setTimeout(20);
  }
  return performance.now() - start;
}

/** Milliseconds until somebody is told, for the first time from now, that this was done. */
export function nextOk({ history }: Scene, op: string, ms = 30_000): Promise<number> {
  const from = history.entries.length;
  return until(`an answer to ${op}`, () => history.entries.slice(from).some((e) => e.op === op && e.type === 'ok'), ms);
}

/** Milliseconds until the order in Redis is believed again, and is that of the rows. */
export async function queueWhole({ crew: { deps, line } }: Scene): Promise<number> {
  return until('the queue', async () => {
    const whole = await deps.redis.exists(`hl:{${line.id}}:queue:whole`).catch(() => 0);
    return whole === 1;
  });
}
