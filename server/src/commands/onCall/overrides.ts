import { randomUUID } from 'node:crypto';
import type { AddOverride, RemoveOverride } from '@hearthline/shared/contracts/onCall';
import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused } from '../command.ts';
import { allOnLine } from './saveRoster.ts';

const longest = 366 * 86_400_000;
/** Of one layer that are not over. */
const most = 200;

/** [RO8] Days that are otherwise. They may overlap: the later made wins. One that is over by now changes nothing and is refused. */
export function addOverride(deps: Deps, actor: StaffActor, input: AddOverride): Promise<Result<{ lineId: string }>> {
  const { layerId, staffId } = input;
  return act(deps, { name: 'roster.override', actor, commandId: input.commandId, input }, async (tx) => {
    const { rows } = await tx.query<{ line_id: string }>('select line_id from on_call_layer where id = $1 for share', [
      layerId,
    ]);
    const lineId = rows[0]?.line_id;
    if (!lineId) throw new Refused('roster.gone');
    allow(can(actor, 'roster.change', { lineId }), 'roster.gone');
    const [from, until] = [new Date(input.from), new Date(input.until)];
    const length = until.getTime() - from.getTime();
    if (!(length > 0 && length <= longest) || until <= tx.now) throw new Refused('roster.invalid');
    if (staffId) await allOnLine(tx, lineId, [staffId]);
    const id = randomUUID();
    const made = await tx.query(
      `insert into on_call_override (id, layer_id, from_at, until_at, staff_id, made_by, made_at) select $1, $2, $3, $4, $5, $6, $7
       where (select count(*) from on_call_override where layer_id = $2 and until_at > $7) < ${most}`,
      [id, layerId, from, until, staffId, actor.id, tx.now],
    );
    if (made.rowCount === 0) throw new Refused('roster.invalid');
    tx.emit({ type: 'roster.changed', lineId, ...(staffId ? { staffIds: [staffId] } : {}) });
    tx.audit('roster.overridden', lineId, id, { from: input.from, until: input.until, staffId: staffId ?? 'nobody' });
    return { lineId };
  });
}

/** [RO9] What was stays: one that runs ends now, one that is over is not there. */
export function removeOverride(
  deps: Deps,
  actor: StaffActor,
  input: RemoveOverride,
): Promise<Result<{ lineId: string }>> {
  const { commandId, overrideId } = input;
  return act(deps, { name: 'roster.removeOverride', actor, commandId, input }, async (tx) => {
    const { rows } = await tx.query<{ line_id: string; from_at: Date; until_at: Date; staff_id: string | null }>(
      `select l.line_id, o.from_at, o.until_at, o.staff_id from on_call_override o join on_call_layer l on l.id = o.layer_id
       where o.id = $1 for update of o`,
      [overrideId],
    );
    const [found] = rows;
    if (!found) throw new Refused('roster.gone');
    allow(can(actor, 'roster.change', { lineId: found.line_id }), 'roster.gone');
    if (found.until_at <= tx.now) throw new Refused('roster.gone');
    if (found.from_at < tx.now)
      await tx.query('update on_call_override set until_at = $2 where id = $1', [overrideId, tx.now]);
    else await tx.query('delete from on_call_override where id = $1', [overrideId]);
    tx.emit({
      type: 'roster.changed',
      lineId: found.line_id,
      ...(found.staff_id ? { staffIds: [found.staff_id] } : {}),
    });
    tx.audit('roster.overrideRemoved', found.line_id, overrideId);
    return { lineId: found.line_id };
  });
}
