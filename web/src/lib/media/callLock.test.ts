import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { CallLock } from './callLock.ts';

/** Pages of one browser, as far as its locks go. */
function pages(n: number) {
  const lost: number[] = [];
  return { lost, locks: Array.from({ length: n }, (_, i) => new CallLock(() => lost.push(i))) as [CallLock, CallLock] };
}

test('of pages that ask at once one has the call', async () => {
  const me = randomUUID();
  const { locks, lost } = pages(8);
  const had = await Promise.all(locks.map((lock) => lock.take(me)));
  expect(had.filter(Boolean)).toHaveLength(1);
  expect(await locks[had.indexOf(true)]?.take(me)).toBe(true); // asking again changes nothing
  expect(lost).toEqual([]);
  expect(await new CallLock(() => {}).take(randomUUID())).toBe(true); // somebody else's is another one
});

test('let go, the next page that asks has it', async () => {
  const me = randomUUID();
  const [one, two] = pages(2).locks;
  expect([await one.take(me), await two.take(me)]).toEqual([true, false]);
  one.letGo();
  await expect.poll(() => two.take(me)).toBe(true);
});

test('a press takes it over: the other page hears of it, and a press there brings it back', async () => {
  const me = randomUUID();
  const { locks, lost } = pages(2);
  const [one, two] = locks;
  await one.take(me);
  expect(await two.take(me, true)).toBe(true);
  await expect.poll(() => lost).toEqual([0]);
  expect(await one.take(me)).toBe(false);
  one.letGo(); // of what it has not any more
  expect(await one.take(me)).toBe(false);
  expect(await one.take(me, true)).toBe(true);
  await expect.poll(() => lost).toEqual([0, 1]);
});

test('a press while the page still asks whether it is free: the page has it', async () => {
  const me = randomUUID();
  const { locks, lost } = pages(2);
  const [one, two] = locks;
  await one.take(me);
  expect(await Promise.all([two.take(me), two.take(me, true)])).toEqual([true, true]);
  await expect.poll(() => lost).toEqual([0]);
});

test('a browser without locks: a press has it, nothing else', async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator') ?? {};
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  try {
    const [lock] = pages(1).locks;
    expect([await lock.take('me'), await lock.take('me', true), await lock.take('me')]).toEqual([false, true, true]);
    lock.letGo();
    expect(await lock.take('me')).toBe(false);
  } finally {
    Object.defineProperty(globalThis, 'navigator', own);
  }
});
