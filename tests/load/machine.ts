import { readdirSync, readFileSync } from 'node:fs';

/** Shares of all processor time, 0 to 1. */
export type Taken = {
  /** Given to other machines by the host. */
  steal: number;
  /** Used on this machine by processes that are not ours: a figure taken beside them says little. */
  others: number;
};

/** @returns what others took since the call; null where the system does not tell (no /proc). */
export function takenSince(): () => Taken | null {
  const from = times();
  return () => {
    const to = times();
    if (!from || !to || to.all === from.all) return null;
    const all = to.all - from.all;
    const others = to.busy - from.busy - (to.own - from.own);
    return { steal: (to.stolen - from.stolen) / all, others: Math.max(0, others) / all };
  };
}

/** user, nice, system, idle, iowait, irq, softirq, steal of /proc/stat (proc(5)); guest times are in user already. */
function times(): { all: number; busy: number; stolen: number; own: number } | null {
  try {
    const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const fields = first.split(/\s+/).slice(1, 9).map(Number);
    const all = fields.reduce((sum, n) => sum + n, 0);
    const stolen = fields[7] ?? 0;
    const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
    return { all, stolen, busy: all - idle - stolen, own: timeOfTree(process.pid) };
  } catch {
    return null;
  }
}

/** Of a process and all below it; those that have ended are in their parent's times. */
function timeOfTree(root: number): number {
  const children = new Map<number, number[]>();
  const time = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    const fields = statOf(name);
    if (!fields) continue;
    const [parent, pid] = [Number(fields[1]), Number(name)];
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    time.set(
      pid,
      fields.slice(11, 15).reduce((sum, n) => sum + Number(n), 0),
    );
  }
  const sum = (pid: number): number =>
    (time.get(pid) ?? 0) + (children.get(pid) ?? []).reduce((all, child) => all + sum(child), 0);
  return sum(root);
}

const ticksPerSecond = 100; // USER_HZ of every Linux that Node runs on

/** Processor time of one process with all its threads, in seconds; NaN where the system does not tell. */
export function cpuSeconds(pid: number): number {
  const fields = statOf(String(pid));
  return fields ? (Number(fields[11]) + Number(fields[12])) / ticksPerSecond : NaN;
}

/** Fields after the name, which may hold spaces: state, ppid, … utime, stime, cutime, cstime at 11 to 14. */
function statOf(pid: string): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null; // gone meanwhile
  }
}
