import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/services.ts';
import { targets, type Schema } from './contracts.ts';
import { attacksOn, textsFor } from './generate.ts';

type Zod = Record<'object' | 'strictObject' | 'looseObject', (shape: object) => Schema> &
  Record<'string' | 'number' | 'int' | 'unknown', () => Schema>;
const z = createRequire(join(ROOT, 'shared/package.json'))('zod/mini') as Zod;

const through = (input: Schema): string[] =>
  attacksOn({ name: 'x', path: '/api/doors/x', input, by: 'caller' }).flatMap(({ row, what, json }) => {
    try {
      return input.safeParse(JSON.parse(json)).success ? [`${row} ${what}`] : [];
    } catch {
      return []; // no JSON
    }
  });

test('[B2][B5][B19] the attacks find a door whose schema lets too much in', () => {
  expect(through(z.strictObject({ seq: z.int() }))).toEqual([]);
  expect(through(z.object({ seq: z.int() })).some((a) => a.startsWith('B19'))).toBe(true);
  expect(through(z.looseObject({ seq: z.int() })).some((a) => a.startsWith('B5'))).toBe(true);
  expect(through(z.strictObject({ seq: z.number() })).some((a) => a.startsWith('B2'))).toBe(true);
  expect(through(z.strictObject({ words: z.string() })).some((a) => a.startsWith('B2'))).toBe(true);
});

test('[B6] a kind of field that nobody attacks yet is an error, not a gap', () => {
  expect(() => attacksOn({ name: 'x', path: '', input: z.strictObject({ any: z.unknown() }), by: 'caller' })).toThrow();
});

test('[B6] no attack on a door of ours is one that its schema takes', () => {
  for (const target of targets) expect(through(target.input), target.name).toEqual([]);
  expect(targets.flatMap(textsFor).length).toBeGreaterThan(100);
});
