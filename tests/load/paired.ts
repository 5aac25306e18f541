import { takenSince, type Taken } from './machine.ts';

/** Above this share of stolen time a round says more about the neighbours than about us, and is done again. */
const mostSteal = 0.1;
const mostRepeats = 5;

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The smallest value that a share `q` of all values does not exceed. NaN when there are none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? NaN;
}

export type Round<T> = { values: T; taken: Taken | null };
export type Rounds<T> = { rounds: Round<T>[]; repeated: number };

/**
 * Lets the systems take turns within each round, so that noise from outside hits all of them. A round with too much
 * steal is repeated, a bounded number of times in all; past that it is kept and its steal is told.
 */
export async function pairedRounds<T>(
  count: number,
  act: (round: number) => Promise<T>,
  say: (round: number, values: T, taken: Taken | null) => void,
): Promise<Rounds<T>> {
  const rounds: Round<T>[] = [];
  let repeated = 0;
  while (rounds.length < count) {
    const since = takenSince();
    const values = await act(rounds.length);
    const taken = since();
    say(rounds.length + 1, values, taken);
    if ((taken?.steal ?? 0) > mostSteal && repeated < mostRepeats) {
      repeated++;
      continue;
    }
    rounds.push({ values, taken });
  }
  return { rounds, repeated };
}
