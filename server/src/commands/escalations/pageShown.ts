import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow } from '../command.ts';
import { lockEscalation, tell } from './ladder.ts';

/** [ES14] The alarm stands on a screen of whoever was called: written once a page, so that the peer sees where it rings. */
export function pageShown(deps: Deps, actor: StaffActor, escalationId: string): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'page.shown', actor }, async (tx) => {
    const found = await lockEscalation(tx, escalationId);
    const of = [escalationId, actor.id];
    const called = await tx.query(
      `select 1 from page where escalation_id = $1 and staff_id = $2 and kind = 'alarm' and step > 0 limit 1`,
      of,
    );
    allow(can(actor, 'escalation.answer', { called: called.rows.length > 0 }), 'escalation.gone');
    const fresh = await tx.query(
      `update page set delivered_at = $3 where escalation_id = $1 and staff_id = $2 and kind = 'alarm' and step > 0
         and state <> 'failed' and answer is null and delivered_at is null`,
      [...of, tx.now],
    );
    if (fresh.rowCount) await tell(tx, found);
    return { done: true as const };
  });
}
