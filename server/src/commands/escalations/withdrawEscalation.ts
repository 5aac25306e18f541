import type { OfEscalation } from '@hearthline/shared/contracts/escalation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { again, withdraw } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import type { CallerActor, StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse } from '../command.ts';
import { machineOf } from './escalationRow.ts';
import { groundFor, lockEscalation, move } from './ladder.ts';

/** [ES8] Taken back by either side until somebody has joined; a caller cannot take back what the peer asked for a life at risk. */
export function withdrawEscalation(
  deps: Deps,
  actor: CallerActor | StaffActor,
  input: OfEscalation,
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'escalation.withdraw', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockEscalation(tx, input.escalationId);
    const theirs = found.row.kind === 'handOff' && can(actor, 'escalation.consent', { callerId: found.talk.caller_id });
    allow(theirs || can(actor, 'escalation.raise', { peerId: found.talk.peer_id }), 'escalation.gone');
    await move(deps, tx, found, orRefuse(withdraw(machineOf(found.row))), null);
    const by = actor.kind === 'caller' ? 'caller' : 'peer';
    await tx.query('update escalation set withdrawn_by = $2 where id = $1', [found.row.id, by]);
    return { done: true as const };
  });
}

/** [ES9] Everybody was called and nobody came: once more from the first. */
export function callAgain(deps: Deps, actor: StaffActor, input: OfEscalation): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'escalation.again', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockEscalation(tx, input.escalationId);
    allow(can(actor, 'escalation.raise', { peerId: found.talk.peer_id }), 'escalation.gone');
    // from the first, and whoever said no before is asked again
    const fresh = { ...found, row: { ...found.row, called_at: null } };
    const ground = await groundFor(deps, tx, fresh);
    const next = orRefuse(again(machineOf(found.row), ground));
    await tx.query('update escalation set called_at = null where id = $1', [found.row.id]);
    await move(deps, tx, fresh, next, ground);
    return { done: true as const };
  });
}
