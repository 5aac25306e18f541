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

const whileCalled = /^escalation\.|^page\.send|^conversation\.leave/;
function armedFor(point: CrashPoint, { servers, workers }: Scene['cluster']): readonly Node[] {
  // one worker is left to climb, as there is when any one process dies
  if (point.startsWith('escalation.goOn')) return workers.slice(0, 1);
  if (point.startsWith('page.send')) return [...servers.slice(0, 2), ...workers.slice(0, 1)];
  return inWorkers.some((w) => point.startsWith(w)) ? workers : servers.slice(0, 2);
}

/** Every process that may pass the point is armed; the first to do so ends itself there, and later comes back without. */
async function crashAt(scene: Scene, point: CrashPoint, signal: CrashAt['signal']): Promise<Record<string, number>> {
  const { cluster, town, history, random } = scene;
  const some = armedFor(point, cluster);
  for (const n of some) await cluster.restart(n.name, { HEARTHLINE_CRASH_AT: `${point}:1:${signal}` });
  /** Whoever moved to another server spreads over all again; by chance all peers may be at one that is not armed. */
  const spread = () => town.everybody().forEach((one) => one.drop());
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
    const from = history.now() - turnMs;
    await setTimeout(2000 + random() * 4000);
    for (const n of some) await n.program.kill('SIGCONT');
    for (const n of some) history.told('rig', 'frozen', { server: n.program.port ?? null, from, to: history.now() });
  }
  await setTimeout(500);
  for (const n of some) await cluster.restart(n.name);
  return {};
}

const signalsAt = (point: CrashPoint) =>
  whileCalled.test(point) ? (['SIGKILL', 'SIGSTOP'] as const) : (['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const);
/** Every point with every signal. `request.leave` and the relay need somebody who leaves, and a teller who died. */
export const crashScenarios: readonly Scenario[] = (['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const).flatMap((signal) =>
  crashPoints
    .filter((point) => !/^request\.leave|^outbox\.relay/.test(point))
    .filter((point) => (signalsAt(point) as readonly string[]).includes(signal))
    .map((point) => ({
      name: `${signal} at ${point}`,
      faults: [
        ...(signal === 'SIGSTOP' ? ['F5'] : ['F1', 'F2', 'F3', 'F4']),
        ...(whileCalled.test(point) ? ['I8', 'CT1'] : []),
      ],
      size: { peers: 3, callers: 6 },
      onCall: whileCalled.test(point),
      run: (scene: Scene) => crashAt(scene, point, signal),
    })),
);
