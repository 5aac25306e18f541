import { crashScenarios } from './crashes.ts';
import { pause } from './person.ts';
import { pick } from './random.ts';
import type { Rig } from './rig.ts';
import type { Scenario } from './scenario.ts';

const serverOf = (rig: Rig) => pick(rig.random, rig.servers);

/** Freezes it so long, then lets it go on. */
async function freeze(rig: Rig, name: string, ms: number): Promise<void> {
  await rig.stack.kill(name, 'SIGSTOP');
  await pause(ms);
  await rig.stack.kill(name, 'SIGCONT');
}

/** PostgreSQL gone: nobody can be matched, nothing can be sent, and timers wait. */
const withoutDatabase = ['I4', 'I20', 'I26'];

export const scenarios: readonly Scenario[] = [
  { name: 'nothing is broken', faults: [], run: () => Promise.resolve() },
  {
    name: 'server SIGKILL',
    faults: ['F1', 'F2', 'F35'],
    async run(rig) {
      for (const name of rig.servers.slice(0, 2)) {
        await rig.fault(`${name} SIGKILL`, async () => {
          await rig.stack.kill(name);
          await rig.use(3000);
          await rig.stack.restart(name);
        });
        await rig.use(2000);
      }
    },
  },
  {
    name: 'server frozen',
    faults: ['F5'],
    run: (rig) => rig.fault('server frozen', () => freeze(rig, serverOf(rig), 20_000)),
  },
  {
    name: 'rolling restart',
    faults: ['F37'],
    async run(rig) {
      for (const name of rig.servers)
        await rig.fault(`${name} SIGTERM`, async () => {
          await rig.stack.kill(name, 'SIGTERM');
          await rig.stack.restart(name);
          await rig.use(2000);
        });
    },
  },
  {
    name: 'worker SIGKILL',
    faults: ['F41'],
    async run(rig) {
      for (const name of rig.workers)
        await rig.fault(`${name} SIGKILL`, async () => {
          await rig.stack.kill(name);
          await rig.use(5000);
          await rig.stack.restart(name);
        });
    },
  },
  {
    name: 'worker with the lease frozen',
    faults: ['F41'],
    async run(rig) {
      for (const name of rig.workers) await rig.fault(`${name} frozen`, () => freeze(rig, name, 8000));
    },
  },
  {
    name: 'no worker at all',
    faults: ['F18'],
    // the servers notice after 8 s without a heartbeat of a worker
    run: (rig) =>
      rig.fault(
        'no worker',
        async () => {
          await Promise.all(rig.workers.map((name) => rig.stack.kill(name)));
          await rig.use(25_000);
          await Promise.all(rig.workers.map((name) => rig.stack.restart(name)));
        },
        ['I4', 'I26'],
      ),
  },
  {
    name: 'Redis restart with data',
    faults: ['F7'],
    run: (rig) =>
      rig.fault('Redis restart', async () => {
        await rig.killRedis('SIGTERM');
        await rig.startRedis({ empty: false });
      }),
  },
  {
    name: 'Redis killed, back empty',
    faults: ['F8', 'F11'],
    run: (rig) =>
      rig.fault('Redis empty', async () => {
        await rig.killRedis();
        await rig.use(2000);
        await rig.startRedis({ empty: true });
      }),
  },
  {
    name: 'Redis FLUSHALL',
    faults: ['F8', 'F11'],
    run: (rig) => rig.fault('FLUSHALL', () => rig.askRedis('FLUSHALL')),
  },
  {
    name: 'Redis frozen',
    faults: ['F9'],
    run: (rig) =>
      rig.fault('Redis frozen', async () => {
        await rig.killRedis('SIGSTOP');
        await rig.use(15_000);
        await rig.killRedis('SIGCONT');
      }),
  },
  {
    name: 'Redis black-holed',
    faults: ['F9'],
    run: (rig) =>
      rig.fault('Redis black hole', async () => {
        for (const proxy of rig.toRedis.values()) proxy.set({ kind: 'blackHole' });
        await rig.use(15_000);
        for (const proxy of rig.toRedis.values()) proxy.set({ kind: 'pass' });
      }),
  },
  {
    name: 'Redis out of memory',
    faults: ['F10'],
    run: (rig) =>
      rig.fault('Redis out of memory', async () => {
        await rig.askRedis('CONFIG', 'SET', 'maxmemory', '1mb');
        await rig.use(15_000);
        await rig.askRedis('CONFIG', 'SET', 'maxmemory', '0');
      }),
  },
  {
    name: 'one node without Redis',
    faults: ['F48'],
    run: (rig) =>
      rig.fault('server1 without Redis', async () => {
        rig.toRedis.get('server1')?.set({ kind: 'cut' });
        await rig.use(20_000);
        rig.toRedis.get('server1')?.set({ kind: 'pass' });
      }),
  },
  {
    name: 'PostgreSQL stopped immediate',
    faults: ['F12'],
    run: (rig) =>
      rig.fault(
        'PostgreSQL stopped',
        async () => {
          await rig.killPostgres();
          await rig.use(5000);
          await rig.startPostgres();
        },
        withoutDatabase,
      ),
  },
  {
    name: 'PostgreSQL read-only',
    faults: ['F14'],
    run: (rig) =>
      rig.fault(
        'PostgreSQL read-only',
        async () => {
          await rig.askDatabase('alter database line set default_transaction_read_only = on');
          await rig.endBackends();
          await rig.use(6000);
          await rig.askDatabase(
            'set default_transaction_read_only = off; alter database line reset default_transaction_read_only',
          );
          await rig.endBackends();
        },
        withoutDatabase,
      ),
  },
  {
    name: 'PostgreSQL slow',
    faults: ['F15'],
    run: (rig) =>
      rig.fault(
        'PostgreSQL slow',
        async () => {
          for (const proxy of rig.toDatabase.values()) proxy.set({ kind: 'delay', ms: 1000 });
          await rig.use(20_000);
          for (const proxy of rig.toDatabase.values()) proxy.set({ kind: 'pass' });
        },
        withoutDatabase,
      ),
  },
  {
    name: 'PostgreSQL connections ended',
    faults: ['F16'],
    async run(rig) {
      for (let n = 0; n < 5; n++) {
        await rig.fault('connections ended', () => rig.endBackends(), withoutDatabase);
        await rig.use(1500);
      }
    },
  },
  {
    name: 'reply of COMMIT lost',
    faults: ['F3', 'F4'],
    async run(rig) {
      for (const proxy of rig.toDatabase.values())
        await rig.fault('reply lost', () => Promise.race([proxy.dropReplyOnce('commit'), pause(6000)]));
    },
  },
  {
    name: 'answer to a page lost',
    faults: ['F3'],
    async run(rig) {
      for (let n = 0; n < 3; n++)
        for (const proxy of rig.toServer.values()) {
          proxy.set({ kind: 'halfOpen' });
          await rig.use(1200);
          proxy.set({ kind: 'pass' });
        }
    },
  },
  {
    name: 'way to a server black-holed',
    faults: ['F24', 'F25', 'F28'],
    run: (rig) =>
      rig.fault('way to server1 black-holed', async () => {
        rig.toServer.get('server1')?.set({ kind: 'blackHole' });
        await rig.use(25_000);
        rig.toServer.get('server1')?.set({ kind: 'pass' });
      }),
  },
  {
    name: 'everybody comes back at once',
    faults: ['F40'],
    options: { callers: 40, peers: 10 },
    async run(rig) {
      for (let n = 0; n < 3; n++) {
        for (const one of rig.everybody()) one.line.drop();
        await rig.use(4000);
      }
    },
  },
  ...crashScenarios,
];
