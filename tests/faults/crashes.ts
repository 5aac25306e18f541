import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { crashPoints, type CrashAt, type CrashPoint } from '@hearthline/server/crashPoints';
import type { Node } from './cluster.ts';
import type { Scenario, Scene } from './rig.ts';

const reachedWithinMs = 20_000;
const turnMs = 50;
const spreadTurns = 100;
const inWorkers = ['offers.make', 'offer.expire', 'outbox.relay'];
const isStopped = (pid: number): boolean => {
  try {
    return / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // gone
  }
};

/** Every process that may pass the point is armed; the first to do so ends itself there, and later comes back without. */
async function crashAt(scene: Scene, point: CrashPoint, signal: CrashAt['signal']): Promise<Record<string, number>> {
  const { cluster, town, random } = scene;
  const some = inWorkers.some((w) => point.startsWith(w)) ? cluster.workers : cluster.servers.slice(0, 2);
  for (const n of some) await cluster.restart(n.name, { HEARTHLINE_CRASH_AT: `${point}:1:${signal}` });
  /** Whoever moved to another server spreads over all again; by chance all peers may be at one that is not armed. */
  const spread = () => [...town.peers, ...town.callers].forEach((one) => one.drop());
  spread();
  if (point.startsWith('offer.expire')) for (const p of town.peers.slice(0, 2)) town.blind.add(p.id);
  const hit = (n: Node) => (signal === 'SIGSTOP' ? isStopped(n.program.pid) : !n.program.running);
  const start = performance.now();
  for (let turn = 1; !some.some(hit); turn++) {
    if (performance.now() - start > reachedWithinMs) throw new Error(`${point} was never reached`);
    if (turn % spreadTurns === 0) spread();
    await setTimeout(turnMs);
  }
  town.blind.clear();
  if (signal === 'SIGSTOP') {
    await setTimeout(2000 + random() * 4000);
    for (const n of some) await n.program.kill('SIGCONT');
  }
  await setTimeout(500);
  for (const n of some) await cluster.restart(n.name);
  return {};
}

/** Every point with every signal. `request.leave` and the relay need somebody who leaves, and a teller who died; pages have tests/means. */
export const crashScenarios: readonly Scenario[] = (['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const).flatMap((signal) =>
  crashPoints
    .filter((point) => !/^request\.leave|^outbox\.relay|^page\.send/.test(point))
    .map((point) => ({
      name: `${signal} at ${point}`,
      faults: signal === 'SIGSTOP' ? ['F5'] : ['F1', 'F2', 'F3', 'F4'],
      size: { peers: 3, callers: 6 },
      run: (scene: Scene) => crashAt(scene, point, signal),
    })),
);
