import type { Result } from '@hearthline/shared/contracts/refusals';
import { restAfter } from '@hearthline/shared/domain/peer.machine';
import type { DoorInput } from '@hearthline/shared/contracts/doors';
import type { Deps } from '../../deps.ts';
import { writeSealed } from '../../keys/recordKeys.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { act, Refused } from '../command.ts';
import { ownWrapUp } from './ownWrapUp.ts';
import { dropDraft } from './wrapUpDraft.ts';

/** [WU1] The wrap-up gives the peer their room back; [PE4] and the rest that the strain asks for. Nothing is written into what was purged. */
export function submitWrapUp(
  deps: Deps,
  actor: StaffActor,
  input: DoorInput<'wrapUp.submit'>,
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'wrapUp.submit', actor, commandId: input.commandId, input }, async (tx) => {
    const wrapUp = await ownWrapUp(tx, actor, input.conversationId);
    const line = deps.lines.byId(wrapUp.lineId);
    if (!line?.config.wrapUp.topics.includes(input.topic) || !line.config.wrapUp.outcomes.includes(input.outcome))
      throw new Refused('input.malformed');
    const done = await tx.query(
      `update wrap_up set state = 'done', topic = $2, outcome = $3, strain = $4, debrief = $5, submitted_at = $6 where id = $1 and state = 'due'`,
      [wrapUp.id, input.topic, input.outcome, input.strain, input.debrief, tx.now],
    );
    if (done.rowCount === 0) throw new Refused('wrapUp.gone');
    if (input.referrals?.trim() && wrapUp.kept) {
      await writeSealed(tx, deps.ring, {
        ownerKind: 'wrapUp',
        ownerId: wrapUp.id,
        lineId: wrapUp.lineId,
        field: 'referrals',
        text: input.referrals,
        now: tx.now,
      });
    }
    await dropDraft(tx, wrapUp.id);
    const restUntil = restAfter(input.strain, line.config.restMinutes, tx.now);
    await tx.query(
      'update peer_state set load = greatest(0, load - $2), rest_until = greatest(rest_until, $3), rev = rev + 1 where staff_id = $1',
      [actor.id, wrapUp.cost, restUntil],
    );
    if (restUntil) tx.due('rest.over', actor.id, restUntil);
    tx.emit({
      type: 'wrapUp.submitted',
      lineId: wrapUp.lineId,
      conversationId: input.conversationId,
      peerId: actor.id,
    });
    tx.audit('wrapUp.submitted', wrapUp.lineId, input.conversationId);
    return { done: true as const };
  });
}
