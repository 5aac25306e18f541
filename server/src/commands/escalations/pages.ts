import { randomUUID } from 'node:crypto';
import type { Escalation, Rung } from '@hearthline/shared/domain/escalation.machine';
import type { OnCallStep } from '../../onCall/onCallNow.ts';
import type { Tx } from '../command.ts';
import type { EscalationRow } from './escalationRow.ts';

type Means = { id: string; kind: string; staff_id: string };
type Paging = Extract<Escalation, { state: 'paging' }>;

/** One page a means of the person on this rung; each id is a key of its own, so nothing goes out twice under one (I16). */
export async function callOut(
  tx: Tx,
  row: Pick<EscalationRow, 'id' | 'line_id'>,
  { rung, pagedId }: Paging,
  steps: readonly OnCallStep[],
): Promise<void> {
  const means = steps[rung.step - 1]?.person?.means ?? [];
  await write(
    tx,
    row,
    rung,
    means.map(({ id, kind }) => ({ id, kind, staff_id: pagedId })),
  );
  await tx.query('update escalation set first_page_at = coalesce(first_page_at, $2) where id = $1', [row.id, tx.now]);
}

/** [ES12] Nobody is left to call: every coordinator of the line is, by all they can be reached by. */
export async function alarmCoordinators(tx: Tx, row: EscalationRow): Promise<void> {
  const { rows } = await tx.query<Means>(
    `select m.id, m.kind, m.staff_id from means m join staff s on s.id = m.staff_id join staff_line l on l.staff_id = s.id
     where l.line_id = $1 and 'coordinator' = any(s.roles) and s.suspended_at is null
       and m.verified_at is not null and m.removed_at is null`,
    [row.line_id],
  );
  await write(tx, row, { step: 0, attempt: 0 }, rows);
}

async function write(
  tx: Tx,
  { id, line_id: lineId }: Pick<EscalationRow, 'id' | 'line_id'>,
  { step, attempt }: Rung,
  means: readonly Means[],
): Promise<void> {
  await tx.query(
    `insert into page (id, escalation_id, staff_id, means_id, kind, step, attempt, state, made_at)
     select p.id, $1, p.staff, p.means, p.kind, $2, $3, 'due', $4
     from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::text[]) as p(id, staff, means, kind)`,
    [
      id,
      step,
      attempt,
      tx.now,
      means.map(() => randomUUID()),
      means.map((m) => m.staff_id),
      means.map((m) => m.id),
      means.map((m) => m.kind),
    ],
  );
  tx.emit({ type: 'page.made', lineId, escalationId: id, staffIds: [...new Set(means.map((m) => m.staff_id))] });
}
