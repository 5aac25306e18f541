import type { Layer } from '@hearthline/shared/contracts/onCall';
import { gapsOf, spansOf, type Span, type Window } from '@hearthline/shared/domain/roster';
import type { Random } from '../random.ts';

/** Who is on call, by the product's own reading of rotations, worked out a day ahead. */
export type Roster = {
  onCall(layer: string, at: number): string | null;
  /** A day from then on in which nobody of any step could be called. */
  gaps(steps: readonly { layer: string; reachable: ReadonlySet<string> }[], at: number): Window[];
  /** Somebody else, or nobody, is on for a while. */
  override(layer: string, from: number, until: number, staffId: string | null): void;
};

const day = 86_400_000;
const recurrences = [
  'FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0',
  'FREQ=WEEKLY;BYDAY=MO,TH',
  'FREQ=HOURLY;INTERVAL=6',
  'FREQ=DAILY',
];

export function rosterOf(
  random: Random,
  of: { layers: readonly string[]; clinicians: readonly string[]; timeZone: string; from: number },
): Roster {
  const layers = of.layers.map((name) => layerOf(random, name, of));
  const known = new Map<string, { from: number; until: number; spans: Span[] }>();

  function spansAt(name: string, at: number): Span[] {
    const last = known.get(name);
    if (last && last.from <= at && at < last.until) return last.spans;
    const layer = layers.find((l) => l.name === name);
    const spans = layer ? spansOf(layer, new Date(at), new Date(at + day)) : [];
    known.set(name, { from: at, until: at + day, spans });
    return spans;
  }
  return {
    onCall: (name, at) =>
      spansAt(name, at).find((s) => s.from.getTime() <= at && at < s.until.getTime())?.staffId ?? null,
    gaps: (steps, at) => gapsOf(steps, layers, new Date(at), new Date(at + day)),
    override(name, from, until, staffId) {
      const layer = layers.find((l) => l.name === name);
      layer?.overrides.push({
        id: name,
        from: new Date(from).toISOString(),
        until: new Date(until).toISOString(),
        staffId,
      });
      known.delete(name);
    },
  };
}

function layerOf(
  random: Random,
  name: string,
  { clinicians, timeZone, from }: { clinicians: readonly string[]; timeZone: string; from: number },
): Layer {
  const starts = new Date(from - 3 * day).toISOString().slice(0, 16);
  const turn = clinicians.filter(() => random.chance(0.6));
  const staffIds = turn.length > 0 ? turn : clinicians.slice(0, 1);
  if (staffIds.length === 0) return { id: name, name, rotations: [], overrides: [] };
  const minutes = random.chance(0.25) ? random.whole(2, 11) * 60 : null;
  const rotation = { id: name, timeZone, starts, recurrence: random.pick(recurrences), minutes, staffIds };
  return { id: name, name, rotations: [rotation], overrides: [] };
}
