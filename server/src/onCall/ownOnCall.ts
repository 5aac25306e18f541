import type { OwnOnCall } from '@hearthline/shared/contracts/onCall';
import { spansOf } from '@hearthline/shared/domain/roster';
import type { Deps } from '../deps.ts';
import type { StaffActor } from '../policies/actor.ts';
import { readLayers } from './readRoster.ts';

const ahead = 14 * 86_400_000;

/** Own times on call of the next 14 days on every line of theirs, the one that runs first. */
export async function ownOnCall(deps: Deps, actor: StaffActor, now: Date): Promise<OwnOnCall[]> {
  const lines = deps.lines.all().filter((l) => l.config.escalation && actor.lineIds.includes(l.id));
  const own = await Promise.all(
    lines.map(async (line) =>
      (await readLayers(deps.sql, line.id, now)).flatMap((layer) =>
        spansOf(layer, now, new Date(now.getTime() + ahead))
          .filter((s) => s.staffId === actor.id)
          .map((s) => ({
            lineId: line.id,
            lineName: line.config.name,
            layer: layer.name,
            from: s.from.toISOString(),
            until: s.until.toISOString(),
          })),
      ),
    ),
  );
  return own.flat().sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}
