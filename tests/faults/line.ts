import { chmodSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readLineFile, saveLine } from '@hearthline/server/lines/lineFile';
import { weekdays } from '@hearthline/shared/contracts/line';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startPostgres } from '../../tools/services/postgres.mjs';
import { startRedis } from '../../tools/services/redis.mjs';
import type { Ending } from '../load/ending.ts';
import { freshFolder, program, programEnv, raisedLimits, ROOT, startStack } from '../support/services.ts';
import { faultProxy, type FaultProxy } from './proxy.ts';

export type LineOptions = {
  servers: number;
  workers: number;
  offerSeconds: number;
  env?: NodeJS.ProcessEnv;
  /** Changes the database of the rig before anything runs: for a seeded bug that is a missing index. */
  sql?: string;
};

/** Nobody's address in real life: what is stored of it anywhere can be found. */
export const callersAddress = '127.77.7.7';

/** PostgreSQL with fsync and Redis of its own, servers and workers, and a fault proxy in every way between them. */
export async function startLine(options: LineOptions, ending: Ending) {
  const folder = freshFolder('rig');
  chmodSync(folder, 0o711); // as root PostgreSQL runs as nobody, who must get through
  const data = join(folder, 'postgres');
  const settings = { fsync: 'on', max_connections: '120', shared_buffers: '32MB' };
  const bringUp = () => startPostgres({ data, database: 'line', settings });
  let postgres = await bringUp();
  ending.add(() => postgres.stop());
  const redisData = join(folder, 'redis');
  const bringUpRedis = () => startRedis({ data: redisData, tools: join(ROOT, '.tools') });
  let redis = await bringUpRedis();
  ending.add(() => redis.stop());

  const place = { databaseUrl: postgres.url, redisUrl: redis.url, folder };
  await program(join(ROOT, 'server/src/cli/migrate.ts'), programEnv(place));
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4, connectionTimeoutMillis: 2000 });
  pool.on('error', () => {}); // the rig kills this database
  ending.add(() => pool.end());
  const line = await readLineFile(new URL('../../lines/example.yaml', import.meta.url));
  const hours = Object.fromEntries(weekdays.map((day) => [day, [{ from: '00:00', to: '24:00' }]]));
  const numbers = { maxWaiting: 1000, offerSeconds: options.offerSeconds, chatsPerPeer: 1, intakeStopsMinutes: 0 };
  await saveLine(pool, { ...line, hours, holidays: {}, restMinutes: [0, 0, 0, 0, 0], ...numbers });
  await pool.query(readFileSync(join(import.meta.dirname, 'watch.sql'), 'utf8') + (options.sql ?? ''));

  const socketOf = (url: string) => decodeURIComponent(/host=([^&]+)/.exec(url)?.[1] ?? '') + '/.s.PGSQL.5432';
  const toDatabase = new Map<string, FaultProxy>();
  const toRedis = new Map<string, FaultProxy>();
  const toServer = new Map<string, FaultProxy>();
  const proxied = async (map: Map<string, FaultProxy>, name: string, upstream: number | string, from?: string) => {
    const proxy = await faultProxy(upstream, from ? { from } : {});
    ending.add(proxy.close);
    map.set(name, proxy);
  };
  const numbered = (kind: string, n: number) => Array.from({ length: n }, (_, i) => `${kind}${i + 1}`);
  const servers = numbered('server', options.servers);
  const workers = numbered('worker', options.workers);
  for (const name of [...servers, ...workers]) {
    await proxied(toDatabase, name, socketOf(postgres.url));
    await proxied(toRedis, name, redis.url);
  }
  const stack = await startStack({
    servers: options.servers,
    workers: options.workers,
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    env: { ...raisedLimits, LOG_LEVEL: 'warn', HEARTHLINE_PEER_BACK_SECONDS: '10', ...options.env },
    envOf: (name) => ({
      DATABASE_URL: `postgresql://app@127.0.0.1:${toDatabase.get(name)?.port}/line`,
      REDIS_URL: `redis://127.0.0.1:${toRedis.get(name)?.port}`,
    }),
  });
  ending.add(stack.stop);
  const ports = stack.urls.map((url) => Number(new URL(url).port));
  for (const [i, name] of servers.entries()) await proxied(toServer, name, ports[i] ?? 0, callersAddress);

  return {
    stack,
    pool,
    servers,
    workers,
    toDatabase,
    toRedis,
    toServer,
    /** As pages reach them: through the proxies. */
    ways: servers.map((name, i) => ({ port: toServer.get(name)?.port ?? 0, host: `127.0.0.1:${ports[i]}` })),
    redisUrl: redis.url,
    redisFolder: redisData,
    /** SIGQUIT is PostgreSQL's immediate shutdown: nothing is written, the log is replayed at the next start. */
    async killPostgres(signal: NodeJS.Signals = 'SIGQUIT') {
      await postgres.process.kill(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await postgres.exited;
    },
    async startPostgres() {
      postgres = await bringUp();
    },
    async killRedis(signal: NodeJS.Signals = 'SIGKILL') {
      await redis.process.kill(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await redis.exited;
    },
    askDatabase: async (sql: string) => void (await pool.query(sql)),
    /** Every connection of the programs is ended by the database. */
    async endBackends() {
      await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hearthline'`);
    },
    async askRedis(command: string, ...args: string[]) {
      const client = new Redis(redis.url, { maxRetriesPerRequest: 1 });
      client.on('error', () => {});
      await client.call(command, ...args).finally(() => client.disconnect());
    },
    async startRedis({ empty }: { empty: boolean }) {
      if (empty) await rm(redisData, { recursive: true, force: true });
      redis = await bringUpRedis();
    },
  };
}
export type FaultLine = Awaited<ReturnType<typeof startLine>>;
