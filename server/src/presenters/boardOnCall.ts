import type { BoardView } from '@hearthline/shared/contracts/views';
import { spansOf } from '@hearthline/shared/domain/roster';
import type { Deps } from '../deps.ts';
import { gapsOfLadder } from '../onCall/ladderOf.ts';
import { readClinicians, readLayers } from '../onCall/readRoster.ts';
import type { Line } from '../storage/postgres/lines.store.ts';

const alarmAhead = 12 * 3_600_000;
const nextAhead = 14 * 86_400_000;

/** [RO4] Who would be called now and after, and the gaps of the coming hours; null: the line promises no clinician. */
export async function boardOnCall(deps: Deps, line: Line, now: Date): Promise<BoardView['onCall']> {
  const steps = line.config.escalation?.steps;
  if (!steps) return null;
  const [layers, clinicians] = await Promise.all([
    readLayers(deps.sql, line.id, now),
    readClinicians(deps.sql, line.id, null),
  ]);
  const known = new Map(clinicians.map((c) => [c.id, { name: c.name, reachable: c.means.length > 0 }]));
  return {
    layers: [...new Set(steps.map((s) => s.layer))].map((name) => {
      const layer = layers.find((l) => l.name === name) ?? { rotations: [], overrides: [] };
      const [on, next] = spansOf(layer, now, new Date(now.getTime() + nextAhead));
      return {
        layer: name,
        now: known.get(on?.staffId ?? '') ?? null,
        until: next?.from.toISOString() ?? null,
        next: known.get(next?.staffId ?? '')?.name ?? null,
      };
    }),
    gaps: gapsOfLadder(steps, layers, clinicians, now, new Date(now.getTime() + alarmAhead)).map((g) => ({
      from: g.from.toISOString(),
      until: g.until.toISOString(),
    })),
  };
}
