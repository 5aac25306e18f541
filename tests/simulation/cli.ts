import { play } from './run.ts';

/**
 * `node tests/simulation/cli.ts`: SEEDS=from-to (1-20), HOURS each (24). Prints each seed that does not hold, with its history.
 */
const [from = 1, to = from] = (process.env['SEEDS'] ?? '1-20').split('-').map(Number);
const hours = Number(process.env['HOURS'] ?? 24);
const began = performance.now();
let [all, happenings, broken] = [0, 0, 0];
const counts: Record<string, number> = {};
for (let seed = from; seed <= to; seed++) {
  const outcome = play({ seed: String(seed), hours });
  all += outcome.hours;
  happenings += outcome.happenings;
  for (const [name, n] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + n;
  if (outcome.violations.length === 0) continue;
  broken++;
  console.log(
    `seed ${seed} after ${outcome.hours.toFixed(2)} h\n${outcome.history()}\n${outcome.violations.join('\n')}\n`,
  );
}
const seconds = (performance.now() - began) / 1000;
if (process.env['COUNTS']) console.log(counts);
console.log(
  `seeds ${from}-${to}: ${all.toFixed(0)} hours, ${happenings} happenings in ${seconds.toFixed(1)} s (${(all / seconds).toFixed(1)} h/s), ${broken} broken`,
);
process.exit(broken > 0 ? 1 : 0);
