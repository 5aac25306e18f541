import type { DueKind } from '@hearthline/shared/contracts/jobs';
import { dueKinds } from '@hearthline/shared/contracts/jobs';
import type { Deps } from '@hearthline/server/deps';
import { runDue } from '@hearthline/server/due/dueActs';
import { dueQueue } from '@hearthline/server/storage/redis/keys';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** Makes timers prompt: one job a due row, carrying its id and nothing else. A job without its row does nothing. */
export function startDueWorker(deps: Deps): { stop(): Promise<void> } {
  const connection = new Redis(deps.config.redisUrl, { maxRetriesPerRequest: null });
  connection.on('error', () => {}); // said once by the command client
  const worker = new Worker<{ subjectId: string }>(
    dueQueue,
    async (job) => {
      if (!dueKinds.includes(job.name as DueKind)) throw new Error(`no handler for the job ${job.name}`);
      await runDue(deps, job.name as DueKind, job.data.subjectId);
    },
    { connection, prefix: '{bull}', concurrency: 8 },
  );
  worker.on('error', () => {});
  worker.on('failed', (job, error) =>
    deps.log.error({ job: job?.name, err: error.message }, 'a prompt failed; the sweeper runs its row'),
  );
  return {
    async stop() {
      await worker.close();
      connection.disconnect();
    },
  };
}
