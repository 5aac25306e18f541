import type { StaffNamed } from '@hearthline/shared/contracts/escalation';
import { climb } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import type { EscalationRow } from './escalationRow.ts';
import { groundOf } from './ladder.ts';

/** Who would be called next, as things are now; null: nobody is left. */
export async function nextAfter(
  deps: Deps,
  row: Pick<EscalationRow, 'id' | 'line_id' | 'kind' | 'step' | 'attempt' | 'called_at'> & { peer: StaffNamed },
  now: Date,
): Promise<StaffNamed | null> {
  const { id: escalationId, line_id: lineId, kind, called_at: calledAt } = row;
  const of = { lineId, kind, escalationId, calledAt, holderId: row.peer.id };
  const ground = await groundOf(deps, deps.sql, now, of);
  const next = climb({ step: row.step, attempt: row.attempt }, ground);
  if (next.state !== 'paging') return null;
  const person = ground.steps[next.rung.step - 1]?.person;
  return person ? { id: person.staffId, name: person.name, title: person.title } : null;
}
