import { expect, test } from 'vitest';
import { runScenario } from './runScenario.ts';
import { scenarios } from './scenarios.ts';

/** The short lane of `npm run test:faults`. */
const short = ['nothing is broken', 'server SIGKILL', 'Redis FLUSHALL'];

test.each(scenarios.filter((s) => short.includes(s.name)))(
  '$name: every invariant holds',
  { timeout: 90_000 },
  async (scenario) => {
    const seed = Math.floor(Math.random() * 1e9);
    const outcome = await runScenario(scenario, seed);
    expect(outcome.broken, `seed ${seed}`).toEqual({});
    expect(outcome.messages).toBeGreaterThan(20);
    expect(outcome.talks).toBeGreaterThan(1);
  },
);
