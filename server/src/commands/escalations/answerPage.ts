import type { OfEscalation } from '@hearthline/shared/contracts/escalation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { acknowledge, isOver, onNoHope } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse, Refused, type Tx } from '../command.ts';
import { machineOf } from './escalationRow.ts';
import { groundFor, lockEscalation, move, type Locked } from './ladder.ts';

/** [ES6] "I'm on it": the first who was called and says so has it; everybody else sees who (I10). */
export function acknowledgePage(deps: Deps, actor: StaffActor, input: OfEscalation): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'escalation.acknowledge', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockCalled(tx, actor, input.escalationId);
    const e = machineOf(found.row);
    const ground = await groundFor(deps, tx, found);
    const next = orRefuse(acknowledge(e, actor.id, true, ground));
    if (next === e) return { done: true as const };
    await answered(tx, found, actor.id, 'acknowledged');
    await move(deps, tx, found, next, null);
    return { done: true as const };
  });
}

/** [ES5] "I can't": whoever is called, or said they would come, passes it on at once. */
export function declinePage(deps: Deps, actor: StaffActor, input: OfEscalation): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'escalation.decline', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockCalled(tx, actor, input.escalationId);
    const e = machineOf(found.row);
    if (isOver(e)) throw new Refused('escalation.over');
    if ((e.state === 'joined' || e.state === 'left') && e.ownerId === actor.id) throw new Refused('escalation.joined');
    await answered(tx, found, actor.id, 'declined');
    const { step, attempt } = found.row;
    const ground = await groundFor(deps, tx, found);
    const next = onNoHope(e, actor.id, { step, attempt }, ground);
    if (next) await move(deps, tx, found, next, ground);
    tx.audit('escalation.declined', found.row.line_id, found.row.id);
    return { done: true as const };
  });
}

/** For whoever was not called there is nothing here. */
async function lockCalled(tx: Tx, actor: StaffActor, escalationId: string): Promise<Locked> {
  const found = await lockEscalation(tx, escalationId);
  const { rows } = await tx.query(
    'select 1 from page where escalation_id = $1 and staff_id = $2 and step > 0 limit 1',
    [escalationId, actor.id],
  );
  allow(can(actor, 'escalation.answer', { called: rows.length > 0 }), 'escalation.gone');
  return found;
}

/** A later answer of the same person replaces their earlier one. */
async function answered(tx: Tx, { row }: Locked, staffId: string, answer: 'acknowledged' | 'declined'): Promise<void> {
  await tx.query(
    `update page set answer = $3, answered_at = $4 where escalation_id = $1 and staff_id = $2 and step > 0`,
    [row.id, staffId, answer, tx.now],
  );
}
