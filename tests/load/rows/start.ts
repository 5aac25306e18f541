import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { guarded } from '../../../tools/services/guarded.mjs';
import { ROOT } from '../../support/services.ts';
import { freePort } from '../../support/stack.ts';
import type { Ending } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { pairedRounds } from '../paired.ts';
import type { Settings } from '../settings.ts';

const run = promisify(execFile);
const patienceMs = 300_000;

/** Row 16: `npm start` in a fresh clone and folder, then again in the same one, each to the first page served. */
export async function startRows(s: Settings, ending: Ending): Promise<Figure[]> {
  if (!(await works('git'))) return skipped('there is no git on this machine');
  if (!existsSync(join(ROOT, '.git'))) return skipped('this folder is no git repository');
  const { stdout } = await run('git', ['log', '-1', '--format=%h'], { cwd: ROOT });
  const measured = await pairedRounds(
    s.starts,
    () => coldThenWarm(ending),
    (n, { cold, warm }, taken) =>
      console.log(
        `row 16  round ${n}/${s.starts}  cold ${cold.toFixed(1)} s  warm ${warm.toFixed(1)} s  ${lost(taken)}`,
      ),
  );
  const note = `clone of commit ${stdout.trim()}, run with Node ${process.versions.node}; packages come from the caches of npm and pnpm`;
  const goal = { row: 16, unit: 's', better: 'lower' } as const;
  return [
    figure({ ...goal, what: 'cold npm start to first page', bar: 120, aim: 60 }, measured, (v) => v.cold, note),
    figure({ ...goal, what: 'warm npm start to first page', bar: 10, aim: 4 }, measured, (v) => v.warm),
  ];
}

const works = (command: string) =>
  run(command, ['--version']).then(
    () => true,
    () => false,
  );

function skipped(why: string): Figure[] {
  console.log(`SKIPPED  row 16, cold and warm npm start: ${why}`);
  return [];
}

async function coldThenWarm(ending: Ending): Promise<{ cold: number; warm: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'hl-start-'));
  const remove = ending.add(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  await chmod(folder, 0o711); // as root PostgreSQL runs as nobody, who must get through
  const clone = join(folder, 'hearthline');
  await run('git', ['clone', '--quiet', '--no-hardlinks', ROOT, clone]);
  const cold = await startOnce(clone, folder, ending);
  const warm = await startOnce(clone, folder, ending);
  await remove();
  return { cold, warm };
}

/** @returns seconds from `npm start` to its first page. The start is ended again by its own process id. */
async function startOnce(clone: string, folder: string, ending: Ending): Promise<number> {
  const port = await freePort();
  const data = join(folder, 'data');
  const env = {
    ...ownEnvironment(),
    PORT: String(port),
    HEARTHLINE_DATA_DIR: data,
    HEARTHLINE_KEYS_DIR: join(folder, 'keys'),
  };
  const began = performance.now();
  const started = guarded('npm', ['start'], { cwd: clone, env, graceMs: 20_000 });
  let output = '';
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-4000)));
  const stop = ending.add(async () => {
    const supervisor = await readFile(join(data, 'run.json'), 'utf8').then(
      (text) => (JSON.parse(text) as { pid: number }).pid,
      () => 0,
    );
    // npm does not hand signals on, so its supervisor is asked; npm ends when that has stopped everything
    if (supervisor && started.running) process.kill(supervisor, 'SIGTERM');
    else await started.stop();
    await started.exited;
  });
  while (!(await servesPage(port))) {
    if (!started.running || performance.now() - began > patienceMs)
      throw new Error(`npm start did not serve:\n${output}`);
    await new Promise((done) => setTimeout(done, 25));
  }
  const seconds = (performance.now() - began) / 1000;
  await stop();
  return seconds;
}

async function servesPage(port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(2000);
  const page = await fetch(`http://127.0.0.1:${port}/`, { signal }).catch(() => undefined);
  return page?.ok === true && (await page.text()).includes('<html');
}

/** Without what npm and our own settings of this run would hand down. */
const ownEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|HEARTHLINE_|DATABASE_URL$|REDIS_URL$|PORT$)/i.test(name)),
  );
