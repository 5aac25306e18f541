import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactUpTo, toldPlace } from './toldPlace.ts';

test.each([
  [1, 1],
  [10, 10],
  [11, 15],
  [15, 15],
  [50, 50],
  [51, 60],
  [200, 200],
  [201, 300],
  [9_999, 10_000],
])('[RQ6] place %i is told as %i', (place, told) => expect(toldPlace(place)).toBe(told));

test('[RQ6] never better than the truth, exact at the head, and moving up never sounds like moving back', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (place) => {
      const told = toldPlace(place);
      return told >= place && (place > exactUpTo || told === place) && toldPlace(place + 1) >= told;
    }),
  ));
