import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { dueQueue } from '../storage/redis/keys.ts';

/** Timers of one step are woken by one job, however many they are. */
const stepMs = 250;
/** What is due later than this may be late by the sweeper's pause: nobody sits and waits for it. */
const nearMs = 120_000;
const mostRemembered = 1000;

/**
 * Makes timers prompt: one BullMQ job for all that is due within a step, which carries nothing and only runs the sweep.
 * The rows make them certain; without Redis they are late by as much as the sweeper's pause.
 */
export function createPrompts(redis: Redis, connection: Redis, clock: { now(): Date }) {
  const queue = new Queue(dueQueue, {
    connection,
    prefix: '{bull}',
    defaultJobOptions: { removeOnComplete: true, removeOnFail: 1000 },
  });
  queue.on('error', () => {}); // said by the client itself, once
  const told = new Set<number>();
  return {
    at(time: Date) {
      const step = Math.ceil(time.getTime() / stepMs);
      const delay = Math.max(0, step * stepMs - clock.now().getTime());
      if (redis.status !== 'ready' || told.has(step) || delay > nearMs) return;
      if (told.size >= mostRemembered) told.clear(); // told again: the same job id is the same job
      told.add(step);
      queue.add('sweep', {}, { delay, jobId: `sweep-${step}` }).catch(() => told.delete(step));
    },
    close: () => queue.close().catch(() => {}),
  };
}
