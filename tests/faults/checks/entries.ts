import type { Entry } from '../history.ts';

export const okOf = (history: readonly Entry[], op: string): Entry[] =>
  history.filter((e) => e.op === op && e.type === 'ok');

/** When somebody's page had no connection, in time of the wall clock. */
export function absences(history: readonly Entry[]): Map<string, { from: number; to: number }[]> {
  const found = new Map<string, { from: number; to: number }[]>();
  for (const e of history) {
    if (e.type !== 'told') continue;
    const own = found.get(e.actor) ?? [];
    const last = own.at(-1);
    if (e.op === 'disconnect') {
      own.push({ from: e.at, to: Number.MAX_SAFE_INTEGER });
      found.set(e.actor, own);
    } else if (e.op === 'connect' && last && last.to === Number.MAX_SAFE_INTEGER) last.to = e.at;
  }
  return found;
}

/** When there was no database, by the wall clock: what the rig itself has written down. */
export const outages = (history: readonly Entry[]): { from: number; to: number }[] =>
  history.filter((e) => e.op === 'noDatabase').map((e) => e.value as { from: number; to: number });
