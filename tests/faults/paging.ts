import { setTimeout } from 'node:timers/promises';
import type { Node } from './cluster.ts';
import { moods, type Mood } from './gateway.ts';
import { queueWhole, until } from './measures.ts';
import type { Scenario, Scene } from './rig.ts';
import { withoutPostgres, wrongBy } from './scenarios.ts';

const onCall = { onCall: true, size: { peers: 3, callers: 5 } };
const at = (nodes: readonly Node[], random: () => number): Node => nodes[Math.floor(random() * nodes.length)] as Node;

/** Somebody is being called in this moment, and the gateway is in a mood of its own each time. */
async function calling({ cluster, crew, random }: Scene): Promise<void> {
  cluster.gateway.mood = () => moods[Math.floor(random() * moods.length)] as Mood;
  await until('somebody is called', async () => {
    const { rows } = await crew.deps.sql.query(`select 1 from escalation where state = 'paging' limit 1`, []);
    return rows.length > 0;
  });
}
/** As long as a ladder of the rig takes from its first step to its last. */
const aLadderMs = 7000;

/** What is broken while clinicians are called, who answer, or do not, or say that they come and never do. */
export const pagingScenarios: readonly Scenario[] = [
  {
    name: 'clinicians are called, and nothing breaks',
    faults: ['I8', 'I9', 'CT1'],
    ...onCall,
    async run(scene) {
      await calling(scene);
      await setTimeout(aLadderMs);
      return {};
    },
  },
  {
    name: 'the provider of pages refuses, then hangs, then delivers nothing',
    faults: ['F19', 'F20'],
    ...onCall,
    async run(scene) {
      for (const mood of ['refuses', 'hangs', 'deaf'] as const) {
        await calling(scene);
        scene.cluster.gateway.mood = () => mood;
        await setTimeout(aLadderMs);
      }
      return {};
    },
  },
  {
    name: 'a worker is killed while clinicians are called',
    faults: ['F17', 'I8'],
    ...onCall,
    async run(scene) {
      const { name, program } = at(scene.cluster.workers, scene.random);
      await calling(scene);
      await program.kill('SIGKILL');
      await setTimeout(aLadderMs);
      await scene.cluster.restart(name);
      return {};
    },
  },
  {
    name: 'both workers are dead while clinicians are called',
    faults: ['F18', 'I8'],
    ...onCall,
    async run(scene) {
      const { workers } = scene.cluster;
      await calling(scene);
      await Promise.all(workers.map((n) => n.program.kill('SIGKILL')));
      await setTimeout(2 * aLadderMs);
      await Promise.all(workers.map((n) => scene.cluster.restart(n.name)));
      return {};
    },
  },
  {
    name: 'a worker is frozen while clinicians are called',
    faults: ['F5', 'I8'],
    ...onCall,
    async run(scene) {
      const { program } = at(scene.cluster.workers, scene.random);
      await calling(scene);
      await program.kill('SIGSTOP');
      await setTimeout(aLadderMs);
      await program.kill('SIGCONT');
      return {};
    },
  },
  {
    name: 'a server is killed while clinicians are called',
    faults: ['F1', 'F2', 'I8', 'CT1'],
    ...onCall,
    async run(scene) {
      const { name, program } = at(scene.cluster.servers, scene.random);
      await calling(scene);
      await program.kill('SIGKILL');
      await setTimeout(aLadderMs);
      await scene.cluster.restart(name);
      return {};
    },
  },
  {
    name: 'a server is frozen while clinicians are called',
    faults: ['F5', 'I8', 'CT1'],
    ...onCall,
    async run({ cluster, history, random, ...scene }) {
      const { program } = at(cluster.servers, random);
      await calling({ cluster, history, random, ...scene });
      const from = history.now();
      await program.kill('SIGSTOP');
      await setTimeout(aLadderMs);
      await program.kill('SIGCONT');
      history.told('rig', 'frozen', { server: program.port ?? null, from, to: history.now() });
      return {};
    },
  },
  {
    name: 'Redis is emptied while clinicians are called',
    faults: ['F8', 'I8'],
    ...onCall,
    async run(scene) {
      await calling(scene);
      await scene.crew.deps.redis.flushall();
      await setTimeout(aLadderMs);
      return { 'queue whole ms': await queueWhole(scene) };
    },
  },
  {
    name: 'PostgreSQL is killed and starts again while clinicians are called',
    faults: ['F12', 'I8'],
    ...onCall,
    async run(scene) {
      await calling(scene);
      await withoutPostgres(scene, 'SIGKILL', 3000);
      await setTimeout(aLadderMs);
      return {};
    },
  },
  {
    name: 'the clocks of the workers are five minutes wrong while clinicians are called',
    faults: ['F38', 'I26', 'I8'],
    ...onCall,
    async run(scene) {
      const { cluster } = scene;
      await cluster.restart('worker1', wrongBy(300_000));
      await cluster.restart('worker2', wrongBy(-300_000));
      await calling(scene);
      await setTimeout(2 * aLadderMs);
      for (const { name } of cluster.workers) await cluster.restart(name);
      return {};
    },
  },
];
