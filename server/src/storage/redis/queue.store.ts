import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { queueGone, queueKey, queueRevs, queueWhole } from './keys.ts';

const projectQueue = readFileSync(new URL('./lua/projectQueue.lua', import.meta.url), 'utf8');
const slice = 1000;
const classStep = 1e14; // above any time in milliseconds, and ten classes stay exact in a double

/** A request as the queue sees it. `score` null: no longer in line. */
export type QueueEntry = { id: string; rev: number; score: number | null };

/** Class first, then the first joining time; ties fall to the id, as everywhere. */
export const scoreOf = (klass: number, firstJoinedAt: Date): number => klass * classStep + firstJoinedAt.getTime();

/** The order of a line's waiting requests in Redis: a projection of the rows, never the truth. Every call may throw. */
export function createQueueStore(redis: Redis) {
  return {
    /** @returns how many entries changed the order; older revisions are refused. */
    async project(lineId: string, entries: readonly QueueEntry[], now: Date): Promise<number> {
      let written = 0;
      for (let at = 0; at < entries.length; at += slice) {
        const args = entries.slice(at, at + slice).flatMap((e) => [e.id, e.rev, e.score ?? '']);
        const keys = [queueKey(lineId), queueRevs(lineId), queueGone(lineId)];
        written += Number(await redis.eval(projectQueue, keys.length, ...keys, now.getTime(), ...args));
      }
      return written;
    },
    /** Ids and scores of all in line, first one first. */
    async all(lineId: string): Promise<Map<string, number>> {
      const found = new Map<string, number>();
      for (let at = 0; ; at += slice) {
        const part = await redis.zrange(queueKey(lineId), String(at), String(at + slice - 1), 'WITHSCORES');
        for (let i = 0; i < part.length; i += 2) found.set(part[i] ?? '', Number(part[i + 1]));
        if (part.length < 2 * slice) return found;
      }
    },
    /** Ids in order, or null while the queue has not been compared with the rows since Redis was last empty. */
    async order(lineId: string): Promise<string[] | null> {
      if (!(await redis.exists(queueWhole(lineId)))) return null;
      const ids: string[] = [];
      for (let at = 0; ; at += slice) {
        const part = await redis.zrange(queueKey(lineId), String(at), String(at + slice - 1));
        ids.push(...part);
        if (part.length < slice) return ids;
      }
    },
    markWhole: (lineId: string, now: Date) => redis.set(queueWhole(lineId), String(now.getTime())),
  };
}
export type QueueStore = ReturnType<typeof createQueueStore>;
