import type { CloseEscalation } from '@hearthline/shared/contracts/escalation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { close } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import { writeSealed } from '../../keys/recordKeys.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse, type Tx } from '../command.ts';
import { closeSide } from '../parties/openSide.ts';
import { machineOf } from './escalationRow.ts';
import { lockEscalation, move, openEscalation, type Locked } from './ladder.ts';
import { dropOutcome } from './outcomeDraft.ts';

/**
 * [ES10] How it ended: one line for the peer under a key of its own, and the clinician's notes under another, which no peer is
 * ever handed (K5). Nothing is written into what was purged.
 */
export function closeEscalation(
  deps: Deps,
  actor: StaffActor,
  input: CloseEscalation,
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'escalation.close', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockEscalation(tx, input.escalationId);
    const { row, talk } = found;
    allow(can(actor, 'escalation.have', { ownerId: row.owner_id }), 'escalation.gone');
    const next = orRefuse(close(machineOf(row), actor.id));
    await tx.query('update escalation set disposition = $2 where id = $1', [row.id, input.disposition]);
    const kept = talk.state === 'live' || (await isKept(tx, talk.id));
    const sealed = (ownerKind: string, field: string, text: string | undefined) =>
      kept && text?.trim()
        ? writeSealed(tx, deps.ring, { ownerKind, ownerId: row.id, lineId: row.line_id, field, text, now: tx.now })
        : undefined;
    await sealed('peerTold', 'told', input.told);
    await sealed('clinicalNote', 'note', input.note);
    await sealed('clinicalNote', 'safetyPlan', input.safetyPlan);
    await sealed('clinicalNote', 'referrals', input.referrals);
    await dropOutcome(tx, row.id);
    tx.audit('escalation.outcome', row.line_id, row.id, {
      disposition: input.disposition,
      followUpHours: input.followUpHours ?? 0,
    });
    if (row.kind === 'consult' && !(await isFollowed(tx, found))) await closeSide(tx, deps, talk);
    await move(deps, tx, found, next, null);
    return { done: true as const };
  });
}

/** [ES15] Somebody was called after them and has joined: the talk beside is for that advice now. */
async function isFollowed(tx: Tx, { row, talk }: Locked): Promise<boolean> {
  const open = await openEscalation(tx, talk.id);
  return open?.kind === 'consult' && open.state === 'joined' && open.id !== row.id;
}

async function isKept(tx: Tx, conversationId: string): Promise<boolean> {
  const { rowCount } = await tx.query('select 1 from conversation where id = $1 and purge_due_at > $2', [
    conversationId,
    tx.now,
  ]);
  return rowCount === 1;
}
