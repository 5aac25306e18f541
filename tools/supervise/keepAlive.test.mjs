import { expect, test } from 'vitest';
import { backoffMs, keepAlive } from './keepAlive.mjs';

/** A program that dies when told to. */
function mortal() {
  let die;
  const exited = new Promise((done) => (die = done));
  return { exited, die, stop: async () => die() };
}

test('the first restart is at once, the next ones wait longer, never more than 10 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20].map(backoffMs)).toEqual([100, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('what dies is started again, and not after it was stopped', async () => {
  const started = [];
  const second = Promise.withResolvers();
  const kept = await keepAlive(
    'it',
    async () => {
      const one = mortal();
      if (started.push(one) === 2) second.resolve();
      return one;
    },
    () => {},
  );
  started[0].die();
  await second.promise;
  await kept.stop();
  expect(started).toHaveLength(2);
});
