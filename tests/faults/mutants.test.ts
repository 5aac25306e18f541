import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutants } from './mutants/table.ts';
import type { Rig } from './rig.ts';
import { runScenario } from './runScenario.ts';

const hook = join(import.meta.dirname, 'mutants', 'hook.ts');
const quiet = { name: 'seeded bugs', faults: [], run: (rig: Rig) => rig.use(8000) };

/** The same run without them is "nothing is broken" in faults.test.ts. */
test('each bug that was seeded into the product is noticed', { timeout: 120_000 }, async () => {
  const { broken } = await runScenario(quiet, 7, { NODE_OPTIONS: `--import=${hook}` });
  for (const { name, caughtBy } of mutants) expect(Object.keys(broken), name).toContain(caughtBy);
});
