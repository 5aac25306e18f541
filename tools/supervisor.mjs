import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWeb } from './buildWeb.mjs';
import { onParentDeath } from './parentWatch.mjs';
import { DATA, ROOT, RUN_FILE, TOOLS, makeFolders } from './paths.mjs';
import { runProgram } from './program.mjs';
import { guarded } from './services/guarded.mjs';
import { programEnv } from './services/index.mjs';
import { startPostgres } from './services/postgres.mjs';
import { startRedis } from './services/redis.mjs';
import { startCalls } from './supervise/calls.mjs';
import { keepAlive } from './supervise/keepAlive.mjs';
import { logFile } from './supervise/logFile.mjs';
import { claim } from './supervise/onlyOne.mjs';
import { choosePort } from './supervise/port.mjs';

const READY_MS = 60_000;
const GRACE_MS = 10_000;

const say = (text) => console.log(`  ${text}`);
const main = (name) => join(ROOT, name, 'src', 'main.ts');
const cli = (name) => join(ROOT, 'server', 'src', 'cli', name);

/** Everything that runs, in the order in which it was started; stopped the other way round. */
const keptAlive = [];
/** How many of the first ones are services; one that is given by address is none of ours. */
let services = 0;
let stopping;
let release = () => {};

/** `npm start`: owns database, Redis, server and worker; restarts what dies; leaves nothing behind. */
export async function supervise() {
  process.umask(0o077);
  makeFolders();
  const claimed = await claim(DATA);
  if (!claimed) {
    console.error(`Hearthline is running already on ${DATA}. Stop that one, or set HEARTHLINE_DATA_DIR for a second.`);
    return 1;
  }
  release = claimed;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
  onParentDeath(() => void stop(0));
  process.stdout.on('error', () => {}); // a closed terminal must not stop the stopping
  process.stderr.on('error', () => {});
  try {
    await start();
  } catch (error) {
    if (stopping) return stopping;
    console.error(`\n${error.message}\n`);
    return stop(1);
  }
  return new Promise(() => {}); // until a signal
}

async function start() {
  console.log('Starting Hearthline …');
  const port = await choosePort();
  const databaseUrl = process.env.DATABASE_URL || (await database());
  const redisUrl = process.env.REDIS_URL || (await redis());
  const env = { ...programEnv(databaseUrl, redisUrl), PORT: String(port), ...(await calls(port)) };
  delete env.HEARTHLINE_PORT;
  if (await step(() => buildWeb({ say }))) say('web pages built');
  await program('database is up to date', [cli('migrate.ts')], env, false);
  await program('line and accounts are in place', [cli('seed.ts')], env, true);
  writeRunFile({ pid: process.pid, port, databaseUrl, redisUrl });
  const ready = await step(async () => {
    await keep('server', () => ours('server', env));
    await keep('worker', () => ours('worker', env));
    return answersReady(port);
  });
  if (stopping) return;
  if (!ready) throw new Error(`The server did not become ready in a minute. See ${join(DATA, 'logs', 'server.log')}`);
  await announce(port, env);
}

/** One thing at a time, and none that begins after a signal. */
async function step(act) {
  if (stopping) throw new Error('stopped');
  return act();
}

async function keep(name, startIt) {
  const kept = await step(() => keepAlive(name, startIt, say));
  keptAlive.push(kept);
  if (stopping) await kept.stop();
  return kept;
}

/** What server and worker need to their end is stopped after them. */
async function keepService(name, startIt) {
  const kept = await keep(name, startIt);
  services++;
  return kept;
}

const calls = (port) => startCalls(port, keepService, say, () => stopping !== undefined);

async function database() {
  const data = join(DATA, 'postgres');
  if (!existsSync(join(data, 'PG_VERSION'))) say('making the database');
  const kept = await keepService('PostgreSQL', () => startPostgres({ data }));
  say('PostgreSQL is up');
  return kept.current.url;
}

async function redis() {
  const kept = await keepService('Redis', () => startRedis({ data: join(DATA, 'redis'), tools: TOOLS, say }));
  say('Redis is up');
  return kept.current.url;
}

async function program(done, args, env, show) {
  const { code, output } = await step(() => runProgram(args, { env, quiet: true }));
  if (code !== 0) throw new Error(output.trim());
  if (show && output.trim()) console.log(output.trimEnd());
  say(done);
}

async function ours(name, env) {
  const folder = name === 'worker' ? 'workers' : 'server';
  const process_ = guarded(process.execPath, [main(folder)], { cwd: ROOT, env, graceMs: GRACE_MS });
  const log = logFile(join(DATA, 'logs', `${name}.log`), name);
  log.follow(process_.stdout);
  log.follow(process_.stderr);
  return process_;
}

async function answersReady(port) {
  for (const end = Date.now() + READY_MS; Date.now() < end && !stopping;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(
      () => null,
    );
    if (answer?.ok) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}

async function announce(port, env) {
  const address = process.env.HEARTHLINE_ORIGIN || `http://localhost:${port}`;
  console.log(`\nHearthline is open.\n\n  callers   ${address}/\n  staff     ${address}/staff\n`);
  const accounts = await runProgram([cli('demoAccounts.ts')], { env, quiet: true });
  if (accounts.output.trim()) console.log(accounts.output.trimEnd());
  console.log('\nCtrl-C stops everything; what was said and done is kept.');
}

function writeRunFile(run) {
  writeFileSync(`${RUN_FILE}.new`, JSON.stringify(run), { mode: 0o600 });
  renameSync(`${RUN_FILE}.new`, RUN_FILE);
}

/** Server and worker first, together; then Redis; then the database, which everyone writes to until the end. */
function stop(code) {
  stopping ??= (async () => {
    console.log('\nStopping …');
    rmSync(RUN_FILE, { force: true });
    await Promise.all(keptAlive.splice(services).map((kept) => kept.stop()));
    for (const kept of keptAlive.reverse()) await kept.stop();
    release();
    process.exit(code);
  })();
  return stopping;
}
