import { expect, test } from 'vitest';
import type { Quality } from './media.ts';
import { narrowStep, wide } from './narrowing.ts';

/** What it is after each second of these qualities. */
const run = (qualities: Quality[]): boolean => {
  let state = wide;
  qualities.forEach((q, second) => (state = narrowStep(state, q, second * 1000)));
  return state.narrow;
};
const of = (quality: Quality, seconds: number): Quality[] => Array.from({ length: seconds }, () => quality);

test.each([
  ['a bad moment', of('poor', 8), false],
  ['poor for long', of('poor', 9), true],
  ['interrupted by a better second', [...of('poor', 6), 'fair' as const, ...of('poor', 6)], false],
  ['a second that says nothing changes nothing', [...of('poor', 4), 'unknown' as const, ...of('poor', 4)], true],
  ['back when good for long', [...of('poor', 9), ...of('good', 16)], false],
  ['fair is not good enough to come back', [...of('poor', 9), ...of('fair', 60)], true],
  ['not back after a good moment', [...of('poor', 9), ...of('good', 10)], true],
] as [string, Quality[], boolean][])('%s', (_name, qualities, narrow) => {
  expect(run(qualities)).toBe(narrow);
});
