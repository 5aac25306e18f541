import type { EscalationRecord } from '@hearthline/shared/contracts/escalation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { readSealed } from '../../keys/recordKeys.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow } from '../command.ts';
import { sharedFor } from './consent.ts';
import { lockEscalation } from './ladder.ts';

/** [ES13] The reason and what the caller agreed to, for whoever has it now; each reading is audited. */
export function readEscalation(deps: Deps, actor: StaffActor, escalationId: string): Promise<Result<EscalationRecord>> {
  return act(deps, { name: 'escalation.read', actor }, async (tx) => {
    const { row, talk } = await lockEscalation(tx, escalationId);
    const isTheirs = row.state === 'acknowledged' || row.state === 'joined' || row.state === 'left';
    allow(isTheirs && can(actor, 'escalation.have', { ownerId: row.owner_id }), 'escalation.gone');
    const of = (field: string) => readSealed(tx, deps.ring, { ownerKind: 'escalation', ownerId: row.id, field });
    const share = await sharedFor(tx, { escalationId: row.id });
    tx.audit('escalation.read', row.line_id, row.id, { share });
    return {
      reason: await of('reason'),
      summary: share === 'summary' ? await of('summary') : null,
      callerName:
        share === 'nothing'
          ? null
          : await readSealed(tx, deps.ring, { ownerKind: 'caller', ownerId: talk.caller_id, field: 'name' }),
    };
  });
}
