import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { close, open, ROOT } from '../support/services.ts';
import { createEnding, endOnSignals, type Ending } from './ending.ts';
import { overBytes, overConversations, overHistory } from './growth/chat.ts';
import { table, type Curve } from './growth/point.ts';
import { overWaiting } from './growth/waiting.ts';

/** `npm run bench:growth -- [curves]`: how the cost of things grows with how much there is. About ten minutes. */
const curves: Record<string, (ending: Ending) => Promise<Curve>> = {
  conversations: (e) => overConversations([250, 500, 1000, 2500, 5000], e),
  waiting: (e) => overWaiting([100, 1000, 2500, 5000, 10_000], e),
  bytes: (e) => overBytes([200, 500, 1000, 2000, 4000], e),
  history: (e) => overHistory([0, 100_000, 300_000, 1_000_000], e),
};
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(curves, name));
if (unknown.length > 0) {
  console.error(`Curves are ${Object.keys(curves).join(', ')}; there is no ${unknown.join(', ')}.`);
  process.exit(2);
}
const services = createEnding();
const ending = createEnding();
endOnSignals(ending, () => services.all());
const done: Curve[] = [];
let failed = 0;
for (const [name, measure] of Object.entries(curves)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n${name}`);
  services.add(close);
  await open({}); // fsync stays on
  await measure(ending).then(
    (curve) => done.push(curve),
    (e: Error) => {
      failed++;
      console.error(`${name} was not measured: ${e.message}`);
    },
  );
  await ending.all();
  await services.all();
}
const folder = join(ROOT, '.test-output');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'growth.json'), `${JSON.stringify({ at: new Date().toISOString(), done }, null, 1)}\n`);
for (const curve of done) console.log(`\n${table(curve)}`);
process.exit(failed > 0 ? 1 : 0);
