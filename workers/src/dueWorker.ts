import type { Deps } from '@hearthline/server/deps';
import { sweepDue } from '@hearthline/server/due/sweeper';
import { dueQueue } from '@hearthline/server/storage/redis/keys';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** Runs the sweep when a timer was promised, rather than at the sweeper's next turn. */
export function startDueWorker(deps: Deps): { stop(): Promise<void> } {
  const connection = new Redis(deps.config.redisUrl, { maxRetriesPerRequest: null });
  connection.on('error', () => {}); // said once by the command client
  const worker = new Worker(dueQueue, () => sweepDue(deps), { connection, prefix: '{bull}' });
  worker.on('error', () => {});
  worker.on('failed', (_job, error) =>
    deps.log.error({ err: error.message }, 'a prompt failed; the sweeper runs its rows'),
  );
  return {
    async stop() {
      await worker.close();
      connection.disconnect();
    },
  };
}
