import { join } from 'node:path';
import { ROOT, running } from './paths.mjs';
import { runProgram } from './program.mjs';

const cli = (name) => join(ROOT, 'server', 'src', 'cli', name);
const tool = (...parts) => join(ROOT, ...parts);

/** A command that needs the database and Redis: those of a running `npm start`, else its own. */
const withServices = (file) => async (args) => {
  const services = await import('./services/index.mjs');
  return services.withServices(async (env) => (await runProgram([file, ...args], { env })).code);
};
/** A command that only makes sense beside a running `npm start`, with its addresses. */
const besideStart = (file) => async (args) => {
  const run = running();
  if (!run) {
    console.error('Hearthline does not run here. Run `npm start` in another window first.');
    return 1;
  }
  const { programEnv } = await import('./services/index.mjs');
  const env = { ...programEnv(run.databaseUrl, run.redisUrl), PORT: String(run.port) };
  return (await runProgram([file, ...args], { env })).code;
};
const plain = (file) => async (args) => (await runProgram([file, ...args])).code;

/** What `npm run <task>` does; each answers with an exit code. */
const tasks = {
  start: async () => (await import('./supervisor.mjs')).supervise(),
  test: async (args) => (await import('./test.mjs')).test(args),
  check: async (args) => (await import('./check.mjs')).check(args),
  audit: async (args) => (await import('./audit/audit.mjs')).audit(args),
  build: async () => {
    const { buildWeb } = await import('./buildWeb.mjs');
    const built = await buildWeb({ force: true, say: console.log });
    console.log(built ? 'web/build is made.' : 'There are no web pages to build.');
    return 0;
  },
  'media:install': async () => (await import('./mediaInstall.mjs')).mediaInstall(),
  bench: plain(tool('tests', 'load', 'bench.ts')),
  'bench:growth': plain(tool('tests', 'load', 'growth.ts')),
  'bench:calls': plain(tool('tests', 'load', 'callCapacity.ts')),
  'bench:memory': plain(tool('tests', 'load', 'memory.ts')),
  'test:faults': plain(tool('tests', 'faults', 'run.ts')),
  demo: besideStart(tool('tests', 'load', 'demo.ts')),
  staff: withServices(cli('staff.ts')),
  contain: withServices(cli('contain.ts')),
  line: withServices(cli('line.ts')),
  code: withServices(cli('demoAccounts.ts')),
  docs: plain(cli('contractDocs.ts')),
  format: (args) =>
    plain(tool('node_modules', 'prettier', 'bin', 'prettier.cjs'))(['--write', '--log-level=warn', '.', ...args]),
};

const [name = 'start', ...args] = process.argv.slice(2);
const task = tasks[name];
if (!task) {
  console.error(`There is no task "${name}". There are: ${Object.keys(tasks).join(', ')}.`);
  process.exit(1);
}
try {
  process.exit(await task(args));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
