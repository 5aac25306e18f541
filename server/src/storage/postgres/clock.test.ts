import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { databaseClock } from './clock.ts';
import type { Sql } from './pool.ts';

/** A database that is so far ahead, and answers so late; it reads its clock at the very end. */
const server = { aheadMs: 0, lateMs: 0 };
const sql: Sql = {
  async query<R>() {
    await vi.advanceTimersByTimeAsync(server.lateMs);
    return { rows: [{ at: new Date(Date.now() + server.aheadMs) }] as R[], rowCount: 1 };
  },
};
beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

test('[I26] [F38] follows a clock that is ahead, also when it is set anew', async () => {
  const clock = databaseClock(sql);
  for (const ahead of [300_000, -300_000, 0]) {
    Object.assign(server, { aheadMs: ahead, lateMs: 10 });
    await clock.measure();
    expect(Math.abs(clock.offsetMs() - ahead)).toBeLessThanOrEqual(5);
  }
  clock.stop();
});

test('[F15] an answer that took seconds moves nothing; at the start it is better than none', async () => {
  const clock = databaseClock(sql);
  Object.assign(server, { aheadMs: 1000, lateMs: 3000 });
  await clock.measure();
  expect(clock.offsetMs()).toBe(2500);
  Object.assign(server, { lateMs: 20 });
  await clock.measure();
  expect(clock.offsetMs()).toBe(1010);
  Object.assign(server, { lateMs: 8000 });
  await clock.measure();
  expect(clock.offsetMs()).toBe(1010);
  clock.stop();
});
