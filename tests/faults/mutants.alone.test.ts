import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mutants } from './mutants/table.ts';
import { startRig } from './rig.ts';

const hook = pathToFileURL(join(import.meta.dirname, 'mutants', 'hook.ts')).href; // a path may have spaces
const seeded = {
  name: 'seeded bugs',
  faults: [],
  size: { peers: 2, callers: 9 },
  patienceMs: 5000,
  run: async () => setTimeout(6000, {}),
};
/** Callers who leave while somebody is called for them, and steps that come. */
const calls = {
  ...seeded,
  onCall: true,
  size: { peers: 4, callers: 6, impatient: 0.4 },
  run: async () => setTimeout(10_000, {}),
};

const mostPlays = 4;

/** The same run without them is "nothing breaks" of the short lane. */
describe('bugs seeded into the product are noticed', () => {
  test.each([...Map.groupBy(mutants, (m) => m.run)])(
    'those of the run "%s"',
    { timeout: 240_000 },
    async (run, bugs) => {
      const rig = await startRig({
        servers: 1,
        workers: 1,
        env: { NODE_OPTIONS: `--import=${hook}`, SEEDED_BUGS: run },
      });
      const violations: string[] = [];
      const unnoticed = () => bugs.filter(({ caughtBy }) => !violations.some((v) => v.startsWith(caughtBy)));
      try {
        // people act by lot, and a bug shows only where somebody comes by it
        for (let plays = 0; plays < mostPlays && unnoticed().length > 0; plays++)
          violations.push(...(await rig.play(run === 'calls' ? calls : seeded, 1 + plays)).violations);
      } finally {
        await rig.stop();
      }
      expect(
        unnoticed().map(({ name }) => name),
        `noticed: ${violations.join('\n')}`,
      ).toEqual([]);
    },
  );
});
