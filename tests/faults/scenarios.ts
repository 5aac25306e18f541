import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import pg from 'pg';
import type { Node } from './cluster.ts';
import { nextOk, queueWhole, until } from './measures.ts';
import { createPerson } from './person.ts';
import type { Scenario, Scene } from './rig.ts';

const none = {};
const skew = pathToFileURL(join(import.meta.dirname, 'skew.ts')).href;
/** For a program: its clock is wrong by so much. */
export const wrongBy = (ms: number) => ({ NODE_OPTIONS: `--import=${skew}`, CLOCK_SKEW_MS: String(ms) });
const at = (nodes: readonly Node[], random: () => number): Node => nodes[Math.floor(random() * nodes.length)] as Node;
/** Seconds as a figure between two, by the seed. */
const between = (from: number, to: number, random: () => number) => (from + random() * (to - from)) * 1000;

async function directly<T>({ cluster }: Scene, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: cluster.postgres().url });
  client.on('error', () => {});
  await client.connect();
  return use(client).finally(() => client.end().catch(() => {}));
}
const redis = ({ crew }: Scene) => crew.deps.redis;

/** PostgreSQL is dead for so long; written down, since nothing can move meanwhile. */
export async function withoutPostgres(
  { cluster, history }: Scene,
  signal: 'SIGKILL' | 'SIGQUIT',
  ms: number,
): Promise<void> {
  const from = Date.now();
  await cluster.postgres().process.kill(signal);
  await setTimeout(ms);
  await cluster.restartPostgres();
  history.told('rig', 'noDatabase', { from, to: Date.now() });
}

export const scenarios: readonly Scenario[] = [
  { name: 'nothing breaks', faults: [], run: async () => setTimeout(3000, none) },
  {
    name: 'a server is killed',
    faults: ['F1', 'F2'],
    async run({ cluster, random }) {
      const { name, program } = at(cluster.servers, random);
      await program.kill('SIGKILL');
      await setTimeout(3000);
      await cluster.restart(name);
      return none;
    },
  },
  {
    name: 'all servers are killed and start again',
    faults: ['F6'],
    async run(scene) {
      const { cluster } = scene;
      await Promise.all(cluster.servers.map((n) => n.program.kill('SIGKILL')));
      await setTimeout(2000);
      await Promise.all(cluster.servers.map((n) => cluster.restart(n.name)));
      return { 'writes back ms': await nextOk(scene, 'message.send') };
    },
  },
  {
    name: 'a server is frozen and wakes up',
    faults: ['F5'],
    async run({ cluster, random }) {
      const { program } = at(cluster.servers, random);
      await program.kill('SIGSTOP');
      await setTimeout(between(6, 20, random));
      await program.kill('SIGCONT');
      await setTimeout(2000);
      return none;
    },
  },
  {
    name: 'rolling restart of two servers',
    faults: ['I25', 'F36'],
    async run({ cluster }) {
      for (const { name, program } of cluster.servers.slice(0, 2)) {
        await program.kill('SIGTERM');
        await cluster.restart(name);
        await setTimeout(1500);
      }
      return none;
    },
  },
  {
    name: 'a worker is killed',
    faults: ['F17', 'I4'],
    async run({ cluster, random }) {
      const { name, program } = at(cluster.workers, random);
      await program.kill('SIGKILL');
      await setTimeout(4000);
      await cluster.restart(name);
      return none;
    },
  },
  {
    name: 'the worker that matches is frozen',
    faults: ['I4'],
    async run(scene) {
      const { cluster, random } = scene;
      const { program } = at(cluster.workers, random);
      await program.kill('SIGSTOP');
      const ms = await nextOk(scene, 'offer.accept');
      await setTimeout(between(2, 8, random));
      await program.kill('SIGCONT');
      return { 'offers again ms': ms };
    },
  },
  {
    name: 'both workers are dead',
    faults: ['F18'],
    async run(scene) {
      const { cluster } = scene;
      await Promise.all(cluster.workers.map((n) => n.program.kill('SIGKILL')));
      await setTimeout(500);
      const ms = await nextOk(scene, 'offer.accept', 60_000);
      await setTimeout(3000);
      return { 'offers by servers ms': ms };
    },
  },
  {
    name: 'PostgreSQL is killed and starts again',
    faults: ['F12', 'I11'],
    async run(scene) {
      const { random } = scene;
      await withoutPostgres(scene, random() < 0.5 ? 'SIGKILL' : 'SIGQUIT', 3000);
      return { 'writes back ms': await nextOk(scene, 'message.send') };
    },
  },
  {
    name: 'all database sessions are ended',
    faults: ['F12'],
    async run(scene) {
      await directly(scene, (c) =>
        c.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
        ),
      );
      return { 'writes back ms': await nextOk(scene, 'message.send') };
    },
  },
  {
    name: 'PostgreSQL is read-only for a while',
    faults: ['F14'],
    async run(scene) {
      await directly(scene, (c) => c.query('alter system set default_transaction_read_only = on'));
      await directly(scene, (c) => c.query('select pg_reload_conf()'));
      await setTimeout(4000);
      await directly(scene, async (c) => {
        await c.query('set transaction_read_only = off; set default_transaction_read_only = off');
        await c.query('alter system reset default_transaction_read_only');
        await c.query('select pg_reload_conf()');
      });
      return { 'writes back ms': await nextOk(scene, 'message.send') };
    },
  },
  {
    name: 'the database is slow for one server, 2 s a query',
    faults: ['F15'],
    async run({ cluster, random }) {
      const { postgres } = at(cluster.servers, random);
      postgres.set({ kind: 'delay', ms: 1000 }); // there and back
      await setTimeout(6000);
      postgres.set({ kind: 'pass' });
      return none;
    },
  },
  {
    name: 'all database connections are taken',
    faults: ['F16'],
    async run(scene) {
      const taken: pg.Client[] = [];
      try {
        for (let i = 0; i < 220; i++) {
          const client = new pg.Client({ connectionString: scene.cluster.postgres().url });
          client.on('error', () => {});
          await client.connect();
          taken.push(client);
        }
      } catch {
        // full
      }
      const { name } = at(scene.cluster.servers, scene.random);
      await scene.cluster.node(name).program.kill('SIGKILL'); // one that now cannot come back yet
      await setTimeout(3000);
      await Promise.all(taken.map((c) => c.end().catch(() => {})));
      await scene.cluster.restart(name);
      return { 'connections taken': taken.length, 'writes back ms': await nextOk(scene, 'message.send') };
    },
  },
  {
    name: 'a table is locked, as by a migration',
    faults: ['F37'],
    async run(scene) {
      await directly(scene, async (c) => {
        await c.query('begin; lock table request in access exclusive mode');
        await setTimeout(3000);
        await c.query('rollback');
      });
      return { 'writes back ms': await nextOk(scene, 'message.send') };
    },
  },
  {
    name: 'the reply to a commit is lost',
    faults: ['F3', 'F4', 'I21'],
    async run({ cluster, history }) {
      const before = history.entries.length;
      for (let i = 0; i < 8; i++)
        for (const { postgres } of cluster.servers) {
          postgres.set({
            kind: 'dropReply',
            when: (request) => request.includes(i % 2 ? 'commit' : 'store-messages'),
          });
          await setTimeout(250);
        }
      return { 'told after': history.entries.length - before };
    },
  },
  {
    name: 'answers to browsers are lost with their connection',
    faults: ['F3', 'I12', 'I21'],
    async run({ cluster, random }) {
      for (let i = 0; i < 12; i++) {
        cluster.front.proxy.set({ kind: 'dropReply', when: () => true });
        await setTimeout(between(0.1, 0.5, random));
      }
      return none;
    },
  },
  {
    name: 'browsers are half-open: they are heard and hear nothing',
    faults: ['I13', 'F25'],
    async run({ cluster }) {
      cluster.front.proxy.set({ kind: 'halfOpen' });
      await setTimeout(4000);
      cluster.front.proxy.set({ kind: 'cut' });
      await setTimeout(100);
      return none;
    },
  },
  {
    name: 'Redis is killed and starts again with its data',
    faults: ['F7'],
    async run(scene) {
      await scene.cluster.redis().process.kill('SIGKILL');
      await setTimeout(1500);
      await scene.cluster.restartRedis();
      return { 'offers again ms': await nextOk(scene, 'offer.accept'), 'queue whole ms': await queueWhole(scene) };
    },
  },
  {
    name: 'Redis is emptied',
    faults: ['F8', 'I23'],
    async run(scene) {
      await redis(scene).flushall();
      return { 'offers again ms': await nextOk(scene, 'offer.accept'), 'queue whole ms': await queueWhole(scene) };
    },
  },
  {
    name: 'Redis comes back empty',
    faults: ['F8'],
    async run(scene) {
      await scene.cluster.restartRedis({ empty: true });
      return { 'offers again ms': await nextOk(scene, 'offer.accept'), 'queue whole ms': await queueWhole(scene) };
    },
  },
  {
    name: 'Redis comes back without its last seconds',
    faults: ['F11'],
    async run(scene) {
      const { cluster } = scene;
      const copy = `${cluster.redisData}-copy`;
      cpSync(cluster.redisData, copy, { recursive: true });
      await setTimeout(2000);
      await cluster.redis().process.kill('SIGKILL');
      await setTimeout(200);
      rmSync(cluster.redisData, { recursive: true });
      cpSync(copy, cluster.redisData, { recursive: true });
      rmSync(copy, { recursive: true });
      await cluster.restartRedis();
      return { 'offers again ms': await nextOk(scene, 'offer.accept'), 'queue whole ms': await queueWhole(scene) };
    },
  },
  {
    name: 'Redis is frozen',
    faults: ['F9'],
    async run(scene) {
      const { process } = scene.cluster.redis();
      await process.kill('SIGSTOP');
      const ms = await nextOk(scene, 'offer.accept');
      await setTimeout(between(2, 6, scene.random));
      await process.kill('SIGCONT');
      return { 'offers meanwhile ms': ms };
    },
  },
  {
    name: 'Redis is in a black hole',
    faults: ['F9'],
    async run(scene) {
      for (const n of scene.cluster.nodes) n.redis.set({ kind: 'blackHole' });
      const ms = await nextOk(scene, 'offer.accept');
      await setTimeout(4000);
      for (const n of scene.cluster.nodes) n.redis.set({ kind: 'pass' });
      return { 'offers meanwhile ms': ms };
    },
  },
  {
    name: 'Redis is out of memory',
    faults: ['F10'],
    async run(scene) {
      await redis(scene).config('SET', 'maxmemory', '1mb');
      const ms = await nextOk(scene, 'offer.accept');
      await setTimeout(3000);
      await redis(scene).config('SET', 'maxmemory', '0');
      return { 'offers meanwhile ms': ms };
    },
  },
  {
    name: 'one server and one worker lose Redis',
    faults: ['F48'],
    async run(scene) {
      const cut = [scene.cluster.servers[0] as Node, scene.cluster.workers[0] as Node];
      for (const n of cut) n.redis.set({ kind: 'cut' });
      await setTimeout(6000);
      for (const n of cut) n.redis.set({ kind: 'pass' });
      return { 'offers again ms': await nextOk(scene, 'offer.accept') };
    },
  },
  {
    name: 'peers do not see what they are offered',
    faults: ['F24', 'F23'],
    async run(scene) {
      const { town } = scene;
      for (const peer of town.peers.slice(0, 2)) town.blind.add(peer.id);
      await setTimeout(13_000); // an offer stands for 10 s here
      return none;
    },
  },
  {
    name: 'a peer vanishes with an offer',
    faults: ['F24', 'I20'],
    async run({ town }) {
      const [peer] = town.peers;
      if (!peer) throw new Error('no peer');
      town.blind.add(peer.id);
      await setTimeout(1000);
      peer.socket.io.engine.close();
      peer.socket.io.reconnection(false);
      await setTimeout(14_000);
      peer.socket.io.reconnection(true);
      peer.socket.connect();
      return none;
    },
  },
  {
    name: 'ten times the callers come at once',
    faults: ['F39', 'I5'],
    async run(scene) {
      const { crew, cluster, history } = scene;
      const surge = await Promise.all(Array.from({ length: 60 }, () => crew.caller()));
      const pages = surge.map((one) => createPerson('caller', one, cluster.front.proxy, history));
      await Promise.all(surge.map(({ actor }) => openRequest(crew.deps, actor, 'chat')));
      const ms = await nextOk(scene, 'message.send');
      await setTimeout(3000);
      for (const page of pages) page.call('request.leave', { commandId: crypto.randomUUID() }).catch(() => {});
      await until('the surge to be over', async () => {
        const { rows } = await crew.deps.sql.query<{ n: number }>(
          `select count(*)::int as n from request where caller_id = any($1::uuid[]) and state in ('waiting', 'offered')`,
          [surge.map((s) => s.id)],
        );
        return rows[0]?.n === 0;
      });
      await endTalksOf(
        scene,
        surge.map((s) => s.id),
      );
      for (const page of pages) page.close();
      return { 'a word during it ms': ms };
    },
  },
  {
    name: 'clocks are five minutes wrong, one fast and one slow',
    faults: ['F38', 'I26'],
    async run({ cluster, town }) {
      await cluster.restart('server1', wrongBy(300_000));
      await cluster.restart('worker1', wrongBy(-300_000));
      for (const one of [...town.peers, ...town.callers]) one.drop(); // some come to the server that is wrong
      const [peer] = town.peers;
      if (peer) town.blind.add(peer.id);
      await setTimeout(14_000); // an offer runs out meanwhile
      await cluster.restart('server1');
      await cluster.restart('worker1');
      return none;
    },
  },
  {
    name: 'a timer and an event that cannot be done',
    faults: ['F41'],
    async run(scene) {
      await directly(scene, async (c) => {
        await c.query(
          `insert into due (kind, subject_id, due_at) values ('offer.expire', gen_random_uuid(), now()), ('no.such', gen_random_uuid(), now())`,
        );
        await c.query(
          `insert into outbox (event, written_at) values ('{"type": "no.such"}', now() - interval '1 minute')`,
        );
      });
      return { 'offers go on ms': await nextOk(scene, 'offer.accept') };
    },
  },
];

/** Those who were matched in a surge are let go again. */
async function endTalksOf({ crew }: Scene, callers: string[]): Promise<void> {
  const { rows } = await crew.deps.sql.query<{ id: string; caller_id: string; line_id: string }>(
    `select id, caller_id, line_id from conversation where state = 'live' and caller_id = any($1::uuid[])`,
    [callers],
  );
  for (const r of rows)
    await endConversation(
      crew.deps,
      { kind: 'caller', id: r.caller_id, lineId: r.line_id },
      { commandId: crypto.randomUUID(), conversationId: r.id, reason: 'finished' },
    );
}
