import { parseArgs } from 'node:util';
import { createEnding, endOnSignals } from '../load/ending.ts';
import { close, open } from '../support/services.ts';
import { startRig, type Outcome } from './rig.ts';
import { scenarios } from './scenarios.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, only: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const chosen = scenarios.filter((s) => !values.only || s.name.includes(values.only));
const ending = createEnding();
endOnSignals(ending);
ending.add(close);
await open({});
const rig = await startRig();
ending.add(rig.stop);
console.log(`seed ${seed}; again with: npm run test:faults -- --seed ${seed}`);
const outcomes: Outcome[] = [];
for (const scenario of chosen) {
  const outcome = await rig.play(scenario, seed);
  outcomes.push(outcome);
  const measured = Object.entries(outcome.measured).map(([name, n]) => `${name} ${n.toFixed(0)}`);
  console.log(
    `${outcome.violations.length === 0 ? 'held  ' : 'BROKEN'}  ${outcome.name}  (${outcome.faults.join(' ')})  ${outcome.seconds.toFixed(1)} s, ${outcome.talks} talks  ${measured.join(', ')}`,
  );
  for (const what of outcome.violations.slice(0, 12)) console.log(`        ${what}`);
}
await ending.all();
process.exit(outcomes.some((o) => o.violations.length > 0) ? 1 : 0);
