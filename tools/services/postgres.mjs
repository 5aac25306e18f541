import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { guarded } from './guarded.mjs';
import { howToRun } from './postgresBinaries.mjs';
import { socketFolder } from './socketFolder.mjs';

const START_MS = 60_000;
const SETTINGS = {
  listen_addresses: '', // a socket in a private folder, no port
  max_connections: '100',
  shared_buffers: '128MB',
  synchronous_commit: 'on', // an acknowledged message is on the disk
  logging_collector: 'off',
  min_wal_size: '80MB', // initdb would take these from the size of a segment
  max_wal_size: '1GB',
};

/**
 * A private PostgreSQL on a data folder: made when it is not there, taken over when a crash left one running.
 *
 * @param {{ data: string, settings?: Record<string, string>, database?: string }} options
 * @returns the address for `pg`, the guarded process, and stop()
 */
export async function startPostgres({ data, settings = {}, database = 'hearthline' }) {
  const how = howToRun(data);
  const env = { PATH: process.env.PATH, LC_ALL: 'C', ...(process.env.TZ ? { TZ: process.env.TZ } : {}) };
  prepareFolder(data, how);
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(data, how, env);
  const sockets = socketFolder(data, 'pg', how.owner);
  const flags = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, ...args] = [...how.wrap, join(how.bin, 'postgres'), '-D', data, '-k', sockets, ...flags];

  const end = Date.now() + START_MS;
  for (;;) {
    await clearOrphan(data);
    // SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing committed is lost
    const process_ = guarded(command, args, { ...how.spawn, env, signal: 'INT', graceMs: 20_000 });
    let log = '';
    process_.stdout.resume();
    process_.stderr.on('data', (text) => (log = (log + text).slice(-8000)));
    if (await ready(process_, sockets, end)) {
      await createDatabase(sockets, database);
      const url = (name) => `postgresql://app@/${name}?host=${encodeURIComponent(sockets)}`;
      const stop = async () => {
        await process_.stop();
        rmSync(sockets, { recursive: true, force: true });
      };
      return { url: url(database), urlFor: url, process: process_, exited: process_.exited, log: () => log, stop };
    }
    await process_.stop();
    // after a SIGKILL of the postmaster its children need a moment to notice and to let go of the shared memory
    if (Date.now() > end || !/shared memory|lock file/.test(log)) throw new Error(`PostgreSQL did not start:\n${log}`);
    await pause(200);
  }
}

function prepareFolder(data, how) {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (process.getuid() === 0 && statSync(data).uid !== how.owner.uid) {
    const done = spawnSync('chown', ['-R', `${how.owner.uid}:${how.owner.gid}`, data], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${data} could not be handed to the database user: ${done.stderr}`);
  }
  chmodSync(data, 0o700);
}

function initialise(data, how, env) {
  // a new segment of the log is filled and flushed before anybody goes on: 16 MB of it held up every message by 20 to 50 ms
  const options = ['-U', 'app', '--auth=trust', '-E', 'UTF8', '--locale=C', '--data-checksums', '--wal-segsize=1'];
  const [command, ...args] = [...how.wrap, join(how.bin, 'initdb'), '-D', data, ...options];
  const done = spawnSync(command, args, { ...how.spawn, cwd: '/', env, encoding: 'utf8' });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`initdb: ${done.stderr}${done.stdout}`);
}

/** A postmaster left by a crash is asked to stop; a stale pid file whose number went to another program is removed. */
async function clearOrphan(data) {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const ours = () => commandOf(pid).includes(data);
  if (!(pid > 1) || !ours()) return rmSync(file, { force: true });
  signal(pid, 'SIGINT');
  for (let waited = 0; ours(); waited += 50) {
    if (waited === 10_000) signal(pid, 'SIGQUIT');
    if (waited > 20_000) throw new Error(`another PostgreSQL (process ${pid}) holds ${data} and does not stop`);
    await pause(50);
  }
}

/** The command line of a process, '' when there is none. `ps` is asked where there is no /proc (macOS). */
function commandOf(pid) {
  if (existsSync('/proc/self/cmdline')) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  }
  return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function ready(process_, host, end) {
  while (process_.running && Date.now() < end) {
    try {
      await asked(host, 'postgres', 'select 1');
      return true;
    } catch {
      await pause(20);
    }
  }
  return false;
}

async function createDatabase(host, name) {
  const found = await asked(host, 'postgres', `select 1 from pg_database where datname = '${name}'`);
  if (found.rowCount === 0) await asked(host, 'postgres', `create database "${name}"`);
}

async function asked(host, database, sql) {
  const client = new pg.Client({ host, user: 'app', database });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
