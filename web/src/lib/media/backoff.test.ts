import { expect, test } from 'vitest';
import { pauseMs } from './backoff.ts';

test.each([
  [1, 250, 500],
  [2, 500, 1000],
  [3, 1000, 2000],
  [4, 2000, 4000],
  [5, 2000, 4000],
  [2000, 2000, 4000],
])('try %i: between %i and %i ms', (tries, least, most) => {
  expect([pauseMs(tries, 0), pauseMs(tries, 1)]).toEqual([least, most]);
});
