import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { close, open, ROOT } from '../support/services.ts';
import { asDocument } from './document.ts';
import { runScenario, type Outcome } from './runScenario.ts';
import { scenarios } from './scenarios.ts';

/** `npm run test:faults [-- --seed N --only <pattern of names> --minutes N --write]`: the long lane. `--write` makes docs/faults.md. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    only: { type: 'string' },
    write: { type: 'boolean' },
    minutes: { type: 'string' },
  },
});
const first = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const wanted = scenarios.filter((s) => new RegExp(values.only ?? '').test(s.name));
const end = Date.now() + Number(values.minutes ?? 60) * 60_000;
let asked = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (asked = true));

const outcomes: Outcome[] = [];
const failed: string[] = [];
const skipped: string[] = [];
await open();
try {
  for (const [i, scenario] of wanted.entries()) {
    if (asked || Date.now() > end) {
      skipped.push(scenario.name);
      continue;
    }
    const seed = first + i;
    const began = Date.now();
    try {
      const outcome = await runScenario(scenario, seed);
      outcomes.push(outcome);
      const broken = Object.entries(outcome.broken);
      const { away, messageSent, headWaited } = outcome.measures;
      const figures = `${outcome.messages} messages, ${outcome.talks} talks, away ${away} ms, sent ${messageSent} ms, head ${headWaited} ms`;
      console.log(
        `${broken.length > 0 ? 'BROKEN' : 'held  '}  ${scenario.name}  seed ${seed}  ${((Date.now() - began) / 1000).toFixed(0)} s  ${figures}`,
      );
      for (const crash of outcome.record.events.filter((e) => e.op === 'crash' && !e.args['reached']))
        console.log(`        not reached: ${String(crash.args['point'])}`);
      for (const [id, wrong] of broken) console.log(`        ${id}: ${wrong.join('\n            ')}`);
    } catch (error) {
      failed.push(scenario.name);
      console.log(`FAILED  ${scenario.name}  seed ${seed}  ${error instanceof Error ? error.message : String(error)}`);
    }
  }
} finally {
  await close();
}
if (values.write) {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  writeFileSync(join(ROOT, 'docs', 'faults.md'), asDocument({ outcomes, failed, skipped, machine, at: new Date() }));
}
const broken = outcomes.filter((o) => Object.keys(o.broken).length > 0).length;
console.log(`${outcomes.length - broken} held, ${broken} broken, ${failed.length} failed, ${skipped.length} not run`);
process.exit(broken + failed.length > 0 ? 1 : 0);
