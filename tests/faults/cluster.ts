import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readLineFile, saveLine } from '@hearthline/server/lines/lineFile';
import { weekdays } from '@hearthline/shared/contracts/line';
import pg from 'pg';
import { startPostgres, type PrivatePostgres } from '../../tools/services/postgres.mjs';
import { startRedis, type PrivateRedis } from '../../tools/services/redis.mjs';
import { freshFolder, keptFolders, program, programEnv, raisedLimits, ROOT } from '../support/services.ts';
import { freePort, Running } from '../support/stack.ts';
import { startFront } from './front.ts';
import { startGateway } from './gateway.ts';
import { ladder } from './onCall.ts';
import { startProxy, type Proxy } from './proxy.ts';

export const origin = 'https://line.example.org';
const exampleLine = new URL('../../lines/example.yaml', import.meta.url);
const cli = (name: string) => join(ROOT, 'server', 'src', 'cli', name);

/** One server or worker, and the two proxies through which alone it reaches its services. */
export type Node = { name: string; program: Running; postgres: Proxy; redis: Proxy };
type ClusterOptions = { servers?: number; workers?: number; env?: NodeJS.ProcessEnv };
export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/**
 * The built product as a state-wide line runs it: servers behind a load balancer without sticky sessions, workers, one
 * PostgreSQL (fsync on) and one Redis, all processes of their own that can be killed, each way between them a fault proxy.
 * @param env more for every program.
 */
export async function startCluster({ servers = 3, workers = 2, env = {} }: ClusterOptions = {}) {
  const folder = freshFolder('faults');
  for (const name of keptFolders) mkdirSync(join(folder, name), { mode: 0o700 });
  const [data, redisData, tools] = [freshFolder('pg'), freshFolder('redis'), join(ROOT, '.tools')];
  let postgres: PrivatePostgres = await startPostgres({ data, settings: { max_connections: '200' } });
  let redis: PrivateRedis = await startRedis({ data: redisData, tools });
  const gateway = await startGateway();
  const toPostgres = () => {
    const host = new URL(postgres.url.replace('postgresql://app@/', 'http://x/')).searchParams.get('host') ?? '';
    return { path: join(host, '.s.PGSQL.5432') };
  };
  const direct = programEnv(
    { databaseUrl: postgres.url, redisUrl: redis.url, folder },
    {
      ...raisedLimits,
      LOG_LEVEL: 'info',
      HEARTHLINE_ORIGIN: origin,
      HEARTHLINE_TRUST_PROXY: '1',
      HEARTHLINE_LOCK_SECONDS: '86400', // clinicians stay for the whole of a run
      HEARTHLINE_PAGE_WEBHOOK_URL: gateway.url,
      HEARTHLINE_PAGE_WEBHOOK_SECRET: gateway.secret,
      ...env,
    },
  );
  await program(cli('migrate.ts'), direct);
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
  const hours = Object.fromEntries(weekdays.map((day) => [day, [{ from: '00:00', to: '24:00' }]]));
  const numbers = { maxWaiting: 10_000, offerSeconds: 10, chatsPerPeer: 1, intakeStopsMinutes: 0 };
  const line = await readLineFile(exampleLine);
  await saveLine(pool, { ...line, hours, holidays: {}, escalation: ladder, ...numbers }).finally(() => pool.end());

  async function node(name: string, kind: 'server' | 'workers'): Promise<Node> {
    const [pgProxy, redisProxy] = [await startProxy(toPostgres), await startProxy(() => ({ path: redis.url }))];
    const own = {
      ...direct,
      DATABASE_URL: `postgresql://app@127.0.0.1:${pgProxy.port}/hearthline`,
      REDIS_URL: `redis://127.0.0.1:${redisProxy.port}`,
    };
    const started = new Running(kind, own, kind === 'server' ? await freePort() : undefined);
    return { name, program: started, postgres: pgProxy, redis: redisProxy };
  }
  const nodes: Node[] = [];
  for (let n = 1; n <= servers; n++) nodes.push(await node(`server${n}`, 'server'));
  for (let n = 1; n <= workers; n++) nodes.push(await node(`worker${n}`, 'workers'));
  await Promise.all(nodes.map((n) => n.program.start()));
  const front = await startFront(nodes.flatMap((n) => n.program.port ?? []));

  const find = (name: string): Node => {
    const found = nodes.find((n) => n.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  return {
    nodes,
    node: find,
    servers: nodes.filter((n) => n.program.port),
    workers: nodes.filter((n) => !n.program.port),
    front,
    gateway,
    env: direct,
    folder,
    redisData,
    /** Of the services themselves, past the proxies. */
    postgres: () => postgres,
    redis: () => redis,
    /** Starts a program again, with more in its environment this once. */
    async restart(name: string, more: NodeJS.ProcessEnv = {}): Promise<void> {
      const { program: p } = find(name);
      await p.stop();
      await p.start(more);
    },
    async restartPostgres(): Promise<void> {
      postgres = await startPostgres({ data, settings: { max_connections: '200' } });
    },
    async restartRedis({ empty = false } = {}): Promise<void> {
      await redis.stop();
      if (empty) rmSync(redisData, { recursive: true, force: true });
      redis = await startRedis({ data: redisData, tools }); // its address goes by its folder
    },
    /** Everything passes again, and whoever was stopped or ended runs again. */
    async heal(): Promise<void> {
      for (const n of nodes) {
        n.postgres.set({ kind: 'pass' });
        n.redis.set({ kind: 'pass' });
      }
      front.proxy.set({ kind: 'pass' });
      gateway.mood = () => 'delivers';
      await Promise.all(
        nodes.map(async (n) => {
          await n.program.kill('SIGCONT').catch(() => {});
          if (!n.program.running) await n.program.start();
        }),
      );
    },
    output: () => nodes.map((n) => n.program.output).join(''),
    async stop(): Promise<void> {
      for (const n of nodes) await n.program.kill('SIGCONT').catch(() => {});
      await Promise.all(nodes.map((n) => n.program.stop()));
      await front.close();
      await Promise.all(nodes.flatMap((n) => [n.postgres.close(), n.redis.close()]));
      await gateway.stop();
      await redis.stop();
      await postgres.stop();
    },
  };
}
