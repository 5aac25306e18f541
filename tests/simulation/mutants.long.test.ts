import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { checks } from './checks/index.ts';
import { mutants } from './mutants/table.ts';

type Proof = { name: string; caught: { seed: number; hours: number; said: string } | null; others: string[] };

/** In a program of its own: bugs are seeded into modules as they are loaded, which a test runner does in its own way. */
describe('bugs seeded into the rules are noticed by the check that must', () => {
  const proofs = new Map<string, Proof>();
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'mutants', 'prove.ts')]);
    for (const line of stdout.trim().split('\n')) {
      const proof = JSON.parse(line) as Proof;
      proofs.set(proof.name, proof);
    }
  }, 1_800_000);

  test.each(mutants)('$caughtBy: $name', ({ name }) => {
    const proof = proofs.get(name);
    expect(proof?.caught ?? null, `noticed by others: ${proof?.others.join(' ')}`).not.toBeNull();
  });

  test('every check has a bug that it must notice', () =>
    expect(Object.keys(checks).filter((rule) => !mutants.some((m) => m.caughtBy === rule))).toEqual([]));
});
