import { afterAll, beforeAll, expect, test } from 'vitest';
import { crashScenarios } from './crashes.ts';
import { randomFrom, startRig, type Rig } from './rig.ts';
import { pagingScenarios } from './paging.ts';
import { scenarios } from './scenarios.ts';

/**
 * The short lane of `npm run test:faults`: what breaks most often, and three crash points by lot. A seed that failed once
 * is written here, with its scenario, and stays.
 */
const always = [
  'nothing breaks',
  'a server is killed',
  'rolling restart of two servers',
  'Redis is emptied while clinicians are called',
  'PostgreSQL is killed and starts again',
];
const seed = Date.now() % 1_000_000;
const random = randomFrom(seed);
/** Those in which clinicians are called take longer: the long lane has them. */
const short = crashScenarios.filter(({ onCall }) => !onCall);
const byLot = Array.from({ length: 3 }, () => short[Math.floor(random() * short.length)] as (typeof short)[number]);
const kept: { name: string; seed: number }[] = [{ name: 'the database is slow for one server, 2 s a query', seed: 7 }];
const named = (name: string) => [...scenarios, ...pagingScenarios].filter((s) => s.name === name);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig?.stop());

test.each([
  ...always.flatMap(named).map((scenario) => ({ scenario, seed })),
  ...byLot.map((scenario) => ({ scenario, seed })),
  ...kept.flatMap((k) => named(k.name).map((scenario) => ({ scenario, seed: k.seed }))),
])('$scenario.name, seed $seed: every invariant holds', { timeout: 240_000 }, async ({ scenario, seed }) => {
  const { violations, talks } = await rig.play(scenario, seed);
  expect(violations).toEqual([]);
  expect(talks).toBeGreaterThan(2);
});
