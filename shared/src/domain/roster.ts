import type { Layer, Override, Rotation } from '../contracts/onCall.contract.ts';
import { ok, refuse, type Result } from '../contracts/refusals.ts';
import { handOversOf, type HandOvers } from './handOvers.ts';
import { instantOf, localOf } from './wallClock.ts';

/** Who is on from a time to before another; null: nobody. */
export type Span = { from: Date; until: Date; staffId: string | null };
export type Window = { from: Date; until: Date };
type Stretch = { from: number; until: number; staffId: string | null };
type On = Pick<Layer, 'rotations' | 'overrides'>;

const minute = 60_000;
const day = 1440 * minute;

/** [RO1] A rotation that can be worked out: a zone there is, a time there is, a rule whose hand-overs come. */
export function checkRotation({ timeZone, starts, recurrence }: Rotation): Result<HandOvers> {
  const handOvers = isZone(timeZone) ? handOversOf(starts, recurrence) : null;
  return handOvers ? ok(handOvers) : refuse('roster.invalid');
}

function isZone(timeZone: string): boolean {
  if (!/^[A-Za-z]/.test(timeZone)) return false; // "+05:00" is no zone: it knows no change of clocks
  try {
    localOf(timeZone, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * [RO2] Turns of one rotation that touch a window. A turn begins at a wall-clock time of the rotation's zone and ends at
 * one: by its minutes, or with the next hand-over. A time that a change of clocks skips is later by the gap; one that
 * comes twice is the first. A rotation that cannot be read puts nobody on.
 */
function turnsOf(rotation: Rotation, from: number, until: number): Stretch[] {
  const checked = checkRotation(rotation);
  if (!checked.ok) return [];
  const { timeZone, minutes, staffIds } = rotation;
  const turns = checked.value.turns(localOf(timeZone, from) - day, localOf(timeZone, until) + day);
  let taken = Infinity; // from the last to the first: where clocks jump, a later hand-over may come before an earlier one
  return turns
    .reverse()
    .flatMap(({ index, wall }) => {
      const begins = instantOf(timeZone, wall);
      const own = minutes === null ? Infinity : instantOf(timeZone, wall + minutes * minute);
      const ends = Math.min(taken, own);
      taken = Math.min(taken, begins);
      const staffId = staffIds[index % staffIds.length] ?? null;
      return begins < ends && ends > from && begins < until ? [{ from: begins, until: ends, staffId }] : [];
    })
    .reverse();
}

const exceptions = (overrides: readonly Override[], from: number, until: number): Stretch[] =>
  overrides
    .map((o) => ({ from: Date.parse(o.from), until: Date.parse(o.until), staffId: o.staffId }))
    .filter((o) => o.until > from && o.from < until && o.from < o.until);

/**
 * [RO3] Later overrides win over earlier ones and over rotations; of the rotations the first that has somebody on wins.
 * @returns the whole window in order, without a gap or an overlap, neighbours of one person joined.
 */
export function spansOf(layer: On, from: Date, until: Date): Span[] {
  const [begin, end] = [from.getTime(), until.getTime()];
  if (begin >= end) return [];
  const sources = [
    ...exceptions(layer.overrides, begin, end)
      .reverse()
      .map((one) => [one]),
    ...layer.rotations.map((rotation) => turnsOf(rotation, begin, end)),
  ];
  const onAt = sources.map(reader);
  return cut([begin, end], sources.flat()).reduce<Span[]>((spans, [a, b]) => {
    const staffId = onAt.reduce<string | null | undefined>((on, read) => (on === undefined ? read(a) : on), undefined);
    return joined(spans, { from: new Date(a), until: new Date(b), staffId: staffId ?? null });
  }, []);
}

/** Reads stretches that do not overlap at times that only grow. */
function reader(stretches: readonly Stretch[]): (at: number) => string | null | undefined {
  let next = 0;
  return (at) => {
    while ((stretches[next]?.until ?? Infinity) <= at) next++;
    const one = stretches[next];
    return one && one.from <= at ? one.staffId : undefined;
  };
}

/** The pieces between all edges of a window. */
function cut([begin, end]: [number, number], edges: readonly { from: number; until: number }[]): [number, number][] {
  const inside = edges.flatMap((e) => [e.from, e.until]).filter((at) => at > begin && at < end);
  const all = [...new Set([begin, ...inside, end])].sort((a, b) => a - b);
  return all.slice(0, -1).map((at, i) => [at, all[i + 1] ?? end]);
}

function joined(spans: Span[], next: Span): Span[] {
  const last = spans.at(-1);
  if (last?.staffId === next.staffId && last) last.until = next.until;
  else spans.push(next);
  return spans;
}

export const onCallAt = (layer: On, at: Date): string | null =>
  spansOf(layer, at, new Date(at.getTime() + 1))[0]?.staffId ?? null;

/** When somebody else, or nobody, is on; null: not within `days`. */
export function nextChange(layer: On, at: Date, days = 366): Date | null {
  for (const ahead of [2, 32, days].filter((n) => n <= days)) {
    const [, next] = spansOf(layer, at, new Date(at.getTime() + ahead * day));
    if (next) return next.from;
  }
  return null;
}

const inNumbers = (s: Span): Stretch => ({ ...s, from: s.from.getTime(), until: s.until.getTime() });

/** [RO4] Times at which nobody of any step of the ladder could be called: nobody is on, or who is cannot be reached. */
export function gapsOf(
  steps: readonly { layer: string; reachable: ReadonlySet<string> }[],
  layers: readonly (On & { name: string })[],
  from: Date,
  until: Date,
): Window[] {
  if (from >= until) return [];
  const asked = steps.flatMap(({ layer, reachable }) => {
    const on = layers.find((l) => l.name === layer);
    return on ? [{ reachable, spans: spansOf(on, from, until).map(inNumbers) }] : [];
  });
  const someone = asked.map(({ reachable, spans }) => {
    const onAt = reader(spans);
    return (at: number) => reachable.has(onAt(at) ?? '');
  });
  return cut(
    [from.getTime(), until.getTime()],
    asked.flatMap((a) => a.spans),
  )
    .filter(([at]) => !someone.some((on) => on(at)))
    .reduce<Window[]>((gaps, [a, b]) => {
      const last = gaps.at(-1);
      if (last?.until.getTime() === a) last.until = new Date(b);
      else gaps.push({ from: new Date(a), until: new Date(b) });
      return gaps;
    }, []);
}
