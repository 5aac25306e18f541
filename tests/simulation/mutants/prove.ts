import './hook.ts';
import { mutants } from './table.ts';

/** Of each seeded bug the first seed that notices it, by the check that must; a line of JSON each. `node prove.ts [part of a name]` */
const mostSeeds = 60;
const hours = 6;

for (const [n, { name, caughtBy }] of mutants.entries()) {
  if (!name.includes(process.argv[2] ?? '')) continue;
  const { play } = (await import(`../run.ts?mutant=${n}`)) as typeof import('../run.ts');
  const others = new Set<string>();
  let caught: { seed: number; hours: number; said: string } | null = null;
  for (let seed = 1; seed <= mostSeeds && !caught; seed++) {
    const { violations, hours: after } = play({ seed: String(seed), hours });
    const said = violations.find((v) => v.startsWith(`${caughtBy}:`));
    if (said) caught = { seed, hours: after, said };
    else for (const v of violations) others.add(v.split(':')[0] ?? v);
  }
  console.log(JSON.stringify({ name, caughtBy, caught, others: [...others] }));
}
