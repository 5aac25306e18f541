import type { Entry } from '../history.ts';

export type Span = { of: string; from: number; to: number; cost?: number };

/** @returns of whom the spans that hold at one time cost more than `most`; one each unless they say. */
export function overlaps(spans: readonly Span[], most: number): string[] {
  const found: string[] = [];
  for (const [of, own] of Map.groupBy(spans, (s) => s.of)) {
    const steps = own
      .filter((s) => s.to > s.from)
      .flatMap((s) => [
        { at: s.from, by: s.cost ?? 1 },
        { at: s.to, by: -(s.cost ?? 1) },
      ])
      .sort((a, b) => a.at - b.at || a.by - b.by); // what ends at a moment makes room for what begins in it
    let held = 0;
    for (const { by } of steps) if ((held += by) > most) break;
    if (held > most) found.push(of);
  }
  return found;
}

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
