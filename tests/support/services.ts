import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startPostgres, type PrivatePostgres } from '../../tools/services/postgres.mjs';
import { startRedis } from '../../tools/services/redis.mjs';

/**
 * Real services for tests. In vitest one PostgreSQL is started by globalSetup.ts and found through the environment;
 * outside (benches, demos) call `open()` first and `close()` last.
 */
export const ROOT = join(import.meta.dirname, '..', '..');
const TEMPLATE = 'hearthline_template';
const SEEDED = 'hearthline_seeded';
const MIGRATE = join(ROOT, 'server', 'src', 'cli', 'migrate.ts');
export const SEED = join(ROOT, 'server', 'src', 'cli', 'seed.ts');
/** What our programs keep beside the database. */
export const keptFolders = ['data', 'keys'];
const run = promisify(execFile);

/** Handed from the process that started PostgreSQL to the processes of the test files. */
const FOLDER = 'HEARTHLINE_TEST_FOLDER';
const ADMIN = 'HEARTHLINE_TEST_DATABASE';

let postgres: PrivatePostgres | undefined;

/** @param settings of PostgreSQL. Tests do without fsync (no test cuts the power); benches pass `{}` to keep it. */
export async function open(settings: Record<string, string> = { fsync: 'off' }): Promise<void> {
  sweepLeftovers();
  const folder = mkdtempSync(join(tmpdir(), `hl-${process.pid}-`));
  chmodSync(folder, 0o711); // as root PostgreSQL runs as nobody, who must get through
  const data = join(folder, 'postgres');
  postgres = await startPostgres({ data, database: TEMPLATE, settings: { max_connections: '400', ...settings } });
  process.env[FOLDER] = folder;
  process.env[ADMIN] = postgres.urlFor('postgres');
  if (!existsSync(MIGRATE)) return;
  await program(MIGRATE, programEnv({ databaseUrl: postgres.url, redisUrl: '/nowhere', folder })).catch(
    async (error) => {
      await close();
      throw error;
    },
  );
}

/** Folders of runs that were killed: their process is gone. */
function sweepLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(/^hl-(\d+)-/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export async function close(): Promise<void> {
  await postgres?.stop();
  if (process.env[FOLDER]) rmSync(process.env[FOLDER], { recursive: true, force: true });
}

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error('The services are not open: run through vitest, or call open() first.');
  return value;
}

/** The same code path with numbers that one busy test machine does not reach. */
export const raisedLimits: NodeJS.ProcessEnv = Object.fromEntries(
  [
    'JOINS_PER_10_MIN',
    'JOINS_PER_NETWORK_10_MIN',
    'SIGN_INS_PER_NETWORK_15_MIN',
    'SIGN_INS_PER_ACCOUNT_15_MIN',
    'CODES_PER_NETWORK_5_MIN',
    'MESSAGES_PER_10_S',
    'CALLS_PER_10_S',
    'KEYS_PER_STAFF_10_MIN',
    'VIOLATIONS_PER_MIN',
    'CONNECTS_PER_MIN',
    'SOCKETS_PER_PERSON',
    'CONSENTS_PER_NETWORK_10_MIN',
    'PAGES_PER_NETWORK_10_S',
  ].map((name) => [`HEARTHLINE_${name}`, '1000000']),
);

/** A new folder below the run's own, removed with it. */
export function freshFolder(kind = 'data'): string {
  return mkdtempSync(join(given(FOLDER), `${kind}-`));
}

export interface FreshDatabase {
  url: string;
  drop: () => Promise<void>;
}

const urlOf = (name: string) => given(ADMIN).replace('/postgres?', `/${name}?`);

/** A migrated database of its own: a copy of the template, about 50 ms. */
export async function freshDatabase(template = TEMPLATE): Promise<FreshDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  await asAdmin((admin) => admin.query(`create database ${name} template ${template} strategy file_copy`));
  const drop = () => asAdmin(async (admin) => void (await admin.query(`drop database if exists ${name} with (force)`)));
  return { url: urlOf(name), drop };
}

/**
 * One with the demo line and its people; what the seed left in `data` and `keys` is copied into `folder`. A run is
 * seeded once: ten passwords are hashed for it, which takes seconds. Whoever comes first does it, the others wait.
 */
export async function seededDatabase(folder: string): Promise<FreshDatabase> {
  const seeded = join(given(FOLDER), 'seeded');
  await asAdmin(async (admin) => {
    await admin.query(`select pg_advisory_lock(hashtext('seeded'))`); // given back with the session
    const { rowCount } = await admin.query(`select 1 from pg_database where datname = '${SEEDED}'`);
    if (rowCount !== 0) return;
    rmSync(seeded, { recursive: true, force: true });
    await admin.query(`drop database if exists ${SEEDED}_half`);
    await admin.query(`create database ${SEEDED}_half template ${TEMPLATE} strategy file_copy`);
    for (const name of keptFolders) mkdirSync(join(seeded, name), { recursive: true, mode: 0o700 });
    const place = { databaseUrl: urlOf(`${SEEDED}_half`), redisUrl: '/nowhere', folder: seeded };
    await program(SEED, programEnv(place));
    await admin.query(`alter database ${SEEDED}_half rename to ${SEEDED}`);
  });
  for (const name of keptFolders) cpSync(join(seeded, name), join(folder, name), { recursive: true });
  return freshDatabase(SEEDED);
}

async function asAdmin<T>(act: (admin: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: given(ADMIN) });
  client.on('error', () => {});
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/** A Redis of its own, about 30 ms. It ends with `stop()`, and at the latest with the process. */
export async function redisFor(): Promise<{ url: string; stop: () => Promise<void> }> {
  const redis = await startRedis({ data: freshFolder('redis'), tools: join(ROOT, '.tools') });
  const stop = async () => {
    await redis.process.kill('SIGKILL'); // nobody reads what it holds again, and a polite stop takes a tenth of a second
    await redis.exited;
    await redis.stop();
  };
  return { url: redis.url, stop };
}

export interface ProgramPlace {
  databaseUrl: string;
  redisUrl: string;
  folder: string;
}

/** The environment that a server, a worker or a command line program is run with. */
export function programEnv(place: ProgramPlace, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    ...withoutVitest(process.env),
    NODE_ENV: 'production',
    DATABASE_URL: place.databaseUrl,
    REDIS_URL: place.redisUrl,
    HEARTHLINE_SECRET: 'a secret of the tests, long enough for all',
    HEARTHLINE_DATA_DIR: join(place.folder, 'data'),
    HEARTHLINE_KEYS_DIR: join(place.folder, 'keys'),
    NODE_COMPILE_CACHE: join(given(FOLDER), 'compiled'), // a third of what a start costs, and a run has hundreds
    ...more,
  };
}

/** Our programs must not notice that a test runner started them. */
function withoutVitest(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(VITEST|VITE_|NODE_OPTIONS$|TEST$|DEV$|PROD$|SSR$|MODE$|BASE_URL$)/.test(name),
    ),
  );
}

/** Runs a command line program to its end; fails with what it printed. */
export async function program(file: string, env: NodeJS.ProcessEnv, args: string[] = []): Promise<string> {
  const { stdout } = await run(process.execPath, [file, ...args], { cwd: ROOT, env }).catch((error: unknown) => {
    const { stderr = '', stdout: out = '' } = error as { stderr?: string; stdout?: string };
    throw new Error(`${file} failed:\n${out}${stderr}`, { cause: error });
  });
  return stdout;
}

export { startStack, type Stack, type StackOptions } from './stack.ts';
