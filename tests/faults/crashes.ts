import { execFileSync } from 'node:child_process';
import { crashPoints, type CrashAt, type CrashPoint } from '@hearthline/server/crashPoints';
import { pause } from './person.ts';
import type { Rig } from './rig.ts';
import type { Scenario } from './scenario.ts';

const reachedWithinMs = 20_000;
const stoppedMs = 4000;
const inWorkers = ['offers.make', 'offer.expire', 'outbox.relay'];
const programOf = (point: CrashPoint) => (inWorkers.some((w) => point.startsWith(w)) ? 'worker' : 'server');

/** A process is armed, ends itself at the point while the line is used, and comes back without. */
async function crashAt(rig: Rig, point: CrashPoint, signal: CrashAt['signal']): Promise<void> {
  const names = programOf(point) === 'worker' ? rig.workers : rig.servers.slice(0, 2);
  await rig.fault(`${point} ${signal}`, async () => {
    for (const name of names) await rig.stack.restart(name, { HEARTHLINE_CRASH_AT: `${point}:1:${signal}` });
    for (const one of rig.everybody()) one.line.drop(); // who moved to another server spreads over all again
    const hit = (name: string) => (signal === 'SIGSTOP' ? isStopped(rig.stack.pid(name)) : !rig.stack.running(name));
    const end = Date.now() + reachedWithinMs;
    while (!names.some(hit) && Date.now() < end) await pause(100);
    rig.history.add('rig', 'crash', 'info', { point, signal, reached: names.some(hit) });
    if (signal === 'SIGSTOP') {
      await pause(stoppedMs);
      for (const name of names) await rig.stack.kill(name, 'SIGCONT');
    }
    for (const name of names) await rig.stack.restart(name);
  });
}

function isStopped(pid: number): boolean {
  try {
    return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T');
  } catch {
    return false; // gone
  }
}

/** A few points a run, so that a run stays short and tells what broke it. */
const groups = Map.groupBy(crashPoints, (point) => point.split('.', 2).join('.'));
export const crashScenarios: readonly Scenario[] = (['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const).flatMap((signal) =>
  [...groups].map(([act, points]) => ({
    name: `crash at ${act} ${signal}`,
    faults: signal === 'SIGSTOP' ? ['F5'] : ['F1', 'F2', 'F3', 'F4'],
    async run(rig: Rig) {
      for (const point of points) await crashAt(rig, point, signal);
    },
  })),
);
