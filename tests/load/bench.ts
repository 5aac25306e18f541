import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { close, open, ROOT } from '../support/services.ts';
import { createEnding, endOnSignals, type Ending } from './ending.ts';
import { print, tableHead, tableRow, type Figure } from './figures.ts';
import { backlogRows } from './rows/backlog.ts';
import { callRows } from './rows/calls.ts';
import { callStartRows } from './rows/callStart.ts';
import { chatRows } from './rows/chat.ts';
import { escalationRows } from './rows/escalation.ts';
import { firstPageRows } from './rows/firstPage.ts';
import { idleRows } from './rows/idle.ts';
import { killRows } from './rows/kills.ts';
import { nodeRows } from './rows/nodes.ts';
import { offerRows } from './rows/offer.ts';
import { placeRows } from './rows/places.ts';
import { redisRows } from './rows/redis.ts';
import { scriptRows } from './rows/script.ts';
import { startRows } from './rows/start.ts';
import { readSettings } from './settings.ts';

/**
 * `npm run bench -- [rows]`: the goals that this machine can measure, against the built product with its authorisation,
 * limits (raised by number), idempotency and fsync on. Generator, server, worker, PostgreSQL and Redis are processes of
 * their own; only loopback; everything is bounded in count and time, and ends with this program.
 */
const groups: {
  rows: number[];
  needsServices: boolean;
  measure(wanted: number[], ending: Ending): Promise<Figure[]>;
}[] = [
  { rows: [1, 2, 3, 4], needsServices: true, measure: (wanted, ending) => chatRows(wanted, settings, ending) },
  { rows: [5], needsServices: true, measure: (_, ending) => killRows(settings, ending) },
  { rows: [6], needsServices: true, measure: (_, ending) => idleRows(settings, ending) },
  { rows: [7], needsServices: true, measure: (_, ending) => offerRows(settings, ending) },
  { rows: [8], needsServices: true, measure: (_, ending) => backlogRows(settings, ending) },
  { rows: [9], needsServices: true, measure: (_, ending) => placeRows(settings, ending) },
  { rows: [10], needsServices: true, measure: (_, ending) => redisRows(settings, ending) },
  { rows: [11], needsServices: true, measure: (_, ending) => scriptRows(settings, ending) },
  { rows: [12], needsServices: true, measure: (_, ending) => nodeRows(settings, ending) },
  { rows: [13], needsServices: true, measure: (_, ending) => callStartRows(settings, ending) },
  { rows: [14], needsServices: true, measure: (_, ending) => callRows(settings, ending) },
  { rows: [15], needsServices: true, measure: (_, ending) => escalationRows(settings, ending) },
  { rows: [16], needsServices: false, measure: (_, ending) => startRows(settings, ending) },
  { rows: [17], needsServices: true, measure: (_, ending) => firstPageRows(settings, ending) },
];
const known = groups.flatMap((g) => g.rows);

const settings = readSettings(process.env);
const asked = process.argv.slice(2).map(Number);
if (asked.some((row) => !known.includes(row))) {
  console.error(`Rows are ${known.join(', ')}. Example: npm run bench -- 1 7`);
  process.exit(2);
}
const wanted = asked.length > 0 ? asked : known;
const services = createEnding();
const ending = createEnding();
endOnSignals(ending, () => services.all());

const load = () =>
  loadavg()
    .map((n) => n.toFixed(1))
    .join(' ');
const loadBefore = load();
const figures: Figure[] = [];
const failed: string[] = [];
for (const group of groups) {
  const rows = group.rows.filter((row) => wanted.includes(row));
  if (rows.length === 0) continue;
  console.log(`\nrow ${rows.join(' and ')}`);
  try {
    if (group.needsServices) {
      services.add(close);
      await open({}); // fsync stays on
    }
    const measured = await group.measure(rows, ending);
    figures.push(...measured);
    console.log(`\nmedians of paired rounds (lowest to highest); load average of the machine ${load()}\n`);
    for (const f of measured) console.log(print(f));
  } catch (error) {
    failed.push(`row ${rows.join(' and ')} was not measured: ${(error as Error).message}`);
    console.error(failed.at(-1));
  }
  await ending.all();
  await services.all();
  writeReport();
}

for (const sentence of failed) console.log(sentence);
console.log(`\nwritten to ${join('.test-output', 'bench.json')} and bench.md`);
process.exit(failed.length > 0 ? 1 : 0);

function writeReport(): void {
  const folder = join(ROOT, '.test-output');
  mkdirSync(folder, { recursive: true });
  const node = process.versions.node;
  const machine = { cores: availableParallelism(), model: cpus()[0]?.model, node, loadBefore, loadAfter: load() };
  const report = { at: new Date().toISOString(), machine, settings, figures, failed };
  writeFileSync(join(folder, 'bench.json'), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(folder, 'bench.md'), `${[tableHead, ...figures.map(tableRow)].join('\n')}\n`);
}
