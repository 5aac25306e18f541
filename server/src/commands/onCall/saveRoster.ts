import type { Layer, SaveRoster } from '@hearthline/shared/contracts/onCall';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { checkRotation } from '@hearthline/shared/domain/roster';
import type { Deps } from '../../deps.ts';
import { readClinicians, readLayers, versionOf } from '../../onCall/readRoster.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse, Refused, type Tx } from '../command.ts';

type Wanted = SaveRoster['layers'];

/**
 * [RO7] Layers of a line as they are from now on; a layer that is left out goes with its overrides. Refused whole when
 * anything in it is wrong, and when somebody else has changed the roster since the view it was made from.
 */
export function saveRoster(deps: Deps, actor: StaffActor, input: SaveRoster): Promise<Result<{ done: true }>> {
  const { commandId, lineId, layers } = input;
  return act(deps, { name: 'roster.save', actor, commandId, input }, async (tx) => {
    allow(can(actor, 'roster.change', { lineId }));
    check(layers);
    await tx.query('select 1 from line where id = $1 for no key update', [lineId]); // one save after the other
    const before = await readLayers(tx, lineId, tx.now);
    if (versionOf(before) !== input.version) throw new Refused('roster.stale');
    const named = [...new Set(layers.flatMap((l) => l.rotations.flatMap((r) => r.staffIds)))];
    await allOnLine(tx, lineId, named);
    await write(tx, lineId, layers);
    tx.emit({ type: 'roster.changed', lineId, staffIds: [...new Set([...named, ...peopleOf(before)])] });
    tx.audit('roster.saved', lineId, lineId, {
      layers: layers.map((l) => l.name).join(', '),
      rotations: layers.reduce((n, l) => n + l.rotations.length, 0),
    });
    return { done: true as const };
  });
}

/** @throws Refused roster.unknownStaff */
export async function allOnLine(tx: Tx, lineId: string, staffIds: readonly string[]): Promise<void> {
  const found = staffIds.length > 0 ? await readClinicians(tx, lineId, staffIds) : [];
  if (found.length !== staffIds.length) throw new Refused('roster.unknownStaff');
}

const peopleOf = (layers: readonly Layer[]): string[] => layers.flatMap((l) => l.rotations.flatMap((r) => r.staffIds));

function check(layers: Wanted): void {
  const once = (all: readonly string[]) => new Set(all).size === all.length;
  const rotations = layers.flatMap((l) => l.rotations);
  if (
    !once(layers.map((l) => l.id)) ||
    !once(layers.map((l) => l.name.trim().toLowerCase())) ||
    layers.some((l) => l.name.trim() !== l.name || l.name === '') ||
    !once(rotations.map((r) => r.id))
  )
    throw new Refused('roster.invalid');
  for (const rotation of rotations) orRefuse(checkRotation(rotation));
}

/** @throws Refused roster.gone: an id of another line's layer; roster.invalid: of another layer's rotation. */
async function write(tx: Tx, lineId: string, layers: Wanted): Promise<void> {
  const ids = layers.map((l) => l.id);
  await tx.query('delete from on_call_layer where line_id = $1 and not (id = any($2::uuid[]))', [lineId, ids]);
  const kept = await tx.query(
    `insert into on_call_layer (id, line_id, name, position)
     select l.id, $1, l.name, l.position from unnest($2::uuid[], $3::text[]) with ordinality as l(id, name, position)
     on conflict (id) do update set name = excluded.name, position = excluded.position where on_call_layer.line_id = $1`,
    [lineId, ids, layers.map((l) => l.name)],
  );
  if (kept.rowCount !== layers.length) throw new Refused('roster.gone');
  await tx.query('delete from on_call_rotation where layer_id = any($1::uuid[])', [ids]);
  const rows = layers.flatMap((l) =>
    l.rotations.map((r, i) => ({
      id: r.id,
      layer_id: l.id,
      position: i + 1,
      time_zone: r.timeZone,
      starts: r.starts,
      recurrence: r.recurrence,
      minutes: r.minutes,
      staff_ids: r.staffIds,
    })),
  );
  const made = await tx.query(
    `insert into on_call_rotation (id, layer_id, position, time_zone, starts, recurrence, minutes, staff_ids)
     select id, layer_id, position, time_zone, starts, recurrence, minutes, staff_ids
     from jsonb_to_recordset($1::jsonb) as r(id uuid, layer_id uuid, position int, time_zone text, starts text, recurrence text, minutes int, staff_ids uuid[])
     on conflict (id) do nothing`,
    [JSON.stringify(rows)],
  );
  if (made.rowCount !== rows.length) throw new Refused('roster.invalid');
}
