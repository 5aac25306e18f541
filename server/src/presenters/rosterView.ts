import type { RosterView } from '@hearthline/shared/contracts/onCall';
import { spansOf } from '@hearthline/shared/domain/roster';
import type { Deps } from '../deps.ts';
import { gapsOfLadder, missingLayers } from '../onCall/ladderOf.ts';
import { readClinicians, readLayers, versionOf } from '../onCall/readRoster.ts';
import type { StaffActor } from '../policies/actor.ts';
import { can } from '../policies/can.ts';
import type { Line } from '../storage/postgres/lines.store.ts';

const ahead = 14 * 86_400_000;

/** The roster of a line: who is on when for the next 14 days, and when nobody could be called. No address of anybody. */
export async function rosterView(deps: Deps, actor: StaffActor, line: Line): Promise<RosterView> {
  const now = deps.clock.now();
  const end = new Date(now.getTime() + ahead);
  const [layers, clinicians] = await Promise.all([
    readLayers(deps.sql, line.id, now),
    readClinicians(deps.sql, line.id, null),
  ]);
  const steps = line.config.escalation?.steps ?? [];
  const named = layers.flatMap((l) => [
    ...l.rotations.flatMap((r) => r.staffIds),
    ...l.overrides.map((o) => o.staffId),
  ]);
  const gone = [...new Set(named)].filter((id) => id !== null && !clinicians.some((c) => c.id === id));
  const former = gone.length > 0 ? await readFormer(deps, gone) : [];
  return {
    now: now.toISOString(),
    lineId: line.id,
    lineName: line.config.name,
    timeZone: line.config.timeZone,
    staff: [
      ...clinicians.map(({ id, name, title, means }) => ({
        id,
        name,
        title,
        reachable: means.length > 0,
        onLine: true,
      })),
      ...former.map((s) => ({ ...s, reachable: false, onLine: false })),
    ],
    layers: layers.map((layer) => ({
      ...layer,
      spans: spansOf(layer, now, end).map((s) => ({
        from: s.from.toISOString(),
        until: s.until.toISOString(),
        staffId: s.staffId,
      })),
    })),
    gaps:
      steps.length === 0
        ? []
        : gapsOfLadder(steps, layers, clinicians, now, end).map((g) => ({
            from: g.from.toISOString(),
            until: g.until.toISOString(),
          })),
    missingLayers: missingLayers(steps, layers),
    steps: steps.map(({ layer, seconds, times }) => ({ layer, seconds, times })),
    version: versionOf(layers),
    can: can(actor, 'roster.change', { lineId: line.id }) ? ['roster.change'] : [],
  };
}

/** Who is on the roster still, but suspended or no clinician of the line any more. */
async function readFormer(deps: Deps, ids: readonly (string | null)[]) {
  const { rows } = await deps.sql.query<{ id: string; name: string; title: string | null }>(
    'select id, name, title from staff where id = any($1::uuid[]) order by name, id',
    [ids],
  );
  return rows;
}
