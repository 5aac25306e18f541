import type { EscalationKind, EscalationState, Share } from '@hearthline/shared/contracts/escalation';
import type { Escalation, Rung } from '@hearthline/shared/domain/escalation.machine';

export type EscalationRow = {
  id: string;
  line_id: string;
  conversation_id: string;
  kind: EscalationKind;
  raised_by: 'caller' | 'peer';
  state: EscalationState;
  share: Share | null;
  step: number;
  attempt: number;
  paged_id: string | null;
  next_due_at: Date | null;
  called_at: Date | null;
  owner_id: string | null;
};
export const escalationColumns =
  'id, line_id, conversation_id, kind, raised_by, state, share, step, attempt, paged_id, next_due_at, called_at, owner_id';

/** What the machine decides about. */
export function machineOf(row: EscalationRow): Escalation {
  const rung: Rung = { step: row.step, attempt: row.attempt };
  const { state, next_due_at: dueAt, owner_id: ownerId, paged_id: pagedId } = row;
  if (state === 'asking' && dueAt) return { state, dueAt };
  if (state === 'paging' && dueAt && pagedId) return { state, rung, pagedId, dueAt };
  if (state === 'acknowledged' && dueAt && ownerId) return { state, rung, ownerId, dueAt };
  if ((state === 'joined' || state === 'left') && ownerId) return { state, rung, ownerId };
  if (state === 'asking' || state === 'paging' || state === 'acknowledged' || state === 'joined' || state === 'left')
    throw new Error(`an escalation that is ${state} lacks what that needs`);
  return { state };
}
