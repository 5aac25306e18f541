import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { inTurns } from './inTurns.ts';

test('each is in exactly one of the turns, again and again, and no turn has many more than its share', () => {
  const all = Array.from({ length: 4000 }, () => randomUUID());
  const some = inTurns(8);
  const turns = Array.from({ length: 16 }, () => some(all, (id) => id));
  expect(new Set(turns.slice(0, 8).flat())).toEqual(new Set(all));
  expect(turns.slice(0, 8).flat()).toHaveLength(all.length);
  expect(turns.slice(8)).toEqual(turns.slice(0, 8));
  expect(Math.max(...turns.map((turn) => turn.length))).toBeLessThan(700);
});
