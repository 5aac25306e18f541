import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inTime, Late } from './inTime.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('[F13] what has no answer after 5 s is late, each at its own time; what has one is handed on, and nothing ticks after', async () => {
  const said: string[] = [];
  const ask = (name: string, work: Promise<string>) =>
    void inTime(work).then(
      (value) => said.push(`${name} ${value}`),
      (e: Error) => said.push(`${name} ${e instanceof Late ? 'late' : e.message}`),
    );
  const never = new Promise<string>(() => {});
  ask('first', never);
  ask('broke', Promise.reject(new Error('broke')));
  ask('quick', Promise.resolve('answer'));
  await vi.advanceTimersByTimeAsync(3000);
  ask('second', never);
  const { promise: slow, resolve } = Promise.withResolvers<string>();
  ask('slow', slow);
  expect(said).toEqual(['broke broke', 'quick answer']);
  await vi.advanceTimersByTimeAsync(2250);
  resolve('answer');
  await vi.advanceTimersByTimeAsync(0);
  expect(said.slice(2)).toEqual(['first late', 'slow answer']);
  await vi.advanceTimersByTimeAsync(3000);
  expect(said.slice(4)).toEqual(['second late']);
  expect(vi.getTimerCount()).toBe(0);
});
