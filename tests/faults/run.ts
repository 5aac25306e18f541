import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEnding, endOnSignals } from '../load/ending.ts';
import { close, open, ROOT } from '../support/services.ts';
import { crashScenarios } from './crashes.ts';
import { asDocument } from './document.ts';
import { startRig, type Outcome } from './rig.ts';
import { pagingScenarios } from './paging.ts';
import { scenarios } from './scenarios.ts';

/**
 * `npm run test:faults -- [--seed N] [--only <part of a name>] [--minutes N] [--write]`: everything that can break, one after
 * another on one cluster under load. `--write` makes docs/faults.md of what was seen.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    only: { type: 'string' },
    minutes: { type: 'string', default: '60' },
    write: { type: 'boolean' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const all = [...scenarios, ...pagingScenarios, ...crashScenarios];
const chosen = all.filter((s) => !values.only || s.name.includes(values.only));
const end = Date.now() + Number(values.minutes) * 60_000;
const ending = createEnding();
endOnSignals(ending);
ending.add(close);
await open({});
const rig = await startRig();
ending.add(rig.stop);
console.log(`seed ${seed}; again with: npm run test:faults -- --seed ${seed}`);
const outcomes: Outcome[] = [];
for (const scenario of chosen) {
  if (Date.now() > end) break;
  const outcome = await rig.play(scenario, seed);
  outcomes.push(outcome);
  const measured = Object.entries(outcome.measured).map(([name, n]) => `${name} ${n.toFixed(0)}`);
  console.log(
    `${outcome.violations.length === 0 ? 'held  ' : 'BROKEN'}  ${outcome.name}  (${outcome.faults.join(' ')})  ${outcome.seconds.toFixed(1)} s, ${outcome.talks} talks  ${measured.join(', ')}`,
  );
  for (const what of outcome.violations.slice(0, 12)) console.log(`        ${what}`);
  if (outcome.violations.length > 0)
    for (const why of outcome.gaveUp.slice(0, 12)) console.log(`        gave up at ${why}`);
}
const broken = outcomes.filter((o) => o.violations.length > 0).length;
const [cpu] = cpus();
if (values.write) {
  const machine = `${availableParallelism()} × ${cpu?.model ?? 'unknown'}, Node ${process.versions.node}`;
  const document = asDocument({ outcomes, notRun: all.length - outcomes.length, seed, machine, at: new Date() });
  writeFileSync(join(ROOT, 'docs', 'faults.md'), document);
}
console.log(`${outcomes.length - broken} held, ${broken} broken, ${chosen.length - outcomes.length} not run`);
await ending.all();
process.exit(broken > 0 ? 1 : 0);
