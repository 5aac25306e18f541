import { readFileSync } from 'node:fs';

/** Above this share of stolen time a round says more about the neighbours than about us, and is done again. */
const mostSteal = 0.1;
const mostRepeats = 5;

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The smallest value that a share `q` of all values does not exceed. NaN when there are none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? NaN;
}

export type Round<T> = { values: T; steal: number | null };
export type Rounds<T> = { rounds: Round<T>[]; repeated: number };

/**
 * Lets the systems take turns within each round, so that noise from outside hits all of them. A round with too much
 * steal is repeated, a bounded number of times in all; past that it is kept and its steal is told.
 */
export async function pairedRounds<T>(
  count: number,
  act: (round: number) => Promise<T>,
  say: (round: number, values: T, steal: number | null) => void,
): Promise<Rounds<T>> {
  const rounds: Round<T>[] = [];
  let repeated = 0;
  while (rounds.length < count) {
    const stolen = stealSince();
    const values = await act(rounds.length);
    const steal = stolen();
    say(rounds.length + 1, values, steal);
    if ((steal ?? 0) > mostSteal && repeated < mostRepeats) {
      repeated++;
      continue;
    }
    rounds.push({ values, steal });
  }
  return { rounds, repeated };
}

/** @returns the share of processor time that the host gave to others since the call, 0 to 1; null where it is not told. */
export function stealSince(): () => number | null {
  const from = times();
  return () => {
    const to = times();
    if (!from || !to || to.all === from.all) return null;
    return (to.stolen - from.stolen) / (to.all - from.all);
  };
}

/** user, nice, system, idle, iowait, irq, softirq, steal of /proc/stat (proc(5)); guest times are in user already. */
function times(): { all: number; stolen: number } | null {
  try {
    const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const fields = first.split(/\s+/).slice(1, 9).map(Number);
    return { all: fields.reduce((sum, n) => sum + n, 0), stolen: fields[7] ?? 0 };
  } catch {
    return null;
  }
}
