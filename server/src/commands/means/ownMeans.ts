import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { Deps } from '../../deps.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { Refused, type Tx } from '../command.ts';

export type MeansRow = { id: string; kind: MeansKind; staff_id: string };

/** One's own, locked. Somebody else's looks like one that is not there. @throws Refused means.gone */
export async function lockMeans(tx: Tx, actor: StaffActor, meansId: string): Promise<MeansRow> {
  const { rows } = await tx.query<MeansRow>(
    'select id, kind, staff_id from means where id = $1 and removed_at is null for update',
    [meansId],
  );
  const [row] = rows;
  if (!row || !can(actor, 'means.own', { staffId: row.staff_id })) throw new Refused('means.gone');
  return row;
}

/** The line under whose name somebody is reached. @throws Refused line.gone */
export function lineOf(deps: Deps, actor: StaffActor): string {
  const line = deps.lines.all().find((l) => actor.lineIds.includes(l.id));
  if (!line) throw new Refused('line.gone');
  return line.id;
}

/** Who can be reached has changed: rosters, and the screen of this person, are looked at again. */
export function tellRosters(tx: Tx, actor: StaffActor): void {
  for (const lineId of actor.lineIds) tx.emit({ type: 'roster.changed', lineId, staffIds: [actor.id] });
}
