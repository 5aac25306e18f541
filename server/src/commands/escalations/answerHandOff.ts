import type { AnswerHandOff } from '@hearthline/shared/contracts/escalation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { answerAsk } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import type { CallerActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse, Refused } from '../command.ts';
import { consentTo } from './consent.ts';
import { machineOf } from './escalationRow.ts';
import { groundFor, lockEscalation, move } from './ladder.ts';
import { keep } from './raiseEscalation.ts';

/** [ES3] The caller says on their own page whether a clinician may join, and what may be seen. A no sends nothing. */
export function answerHandOff(deps: Deps, actor: CallerActor, input: AnswerHandOff): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'escalation.answer', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockEscalation(tx, input.escalationId);
    const { row, talk } = found;
    allow(can(actor, 'escalation.consent', { callerId: talk.caller_id }), 'escalation.gone');
    if (input.yes && !input.share) throw new Refused('escalation.shareMissing');
    const ground = await groundFor(deps, tx, found);
    const next = orRefuse(answerAsk(machineOf(row), input.yes, ground));
    if (input.yes && input.share) {
      await tx.query('update escalation set share = $2 where id = $1', [row.id, input.share]);
      if (input.share === 'summary' && input.summary?.trim())
        await keep(deps, tx, row.line_id, row.id, 'summary', input.summary);
      await consentTo(deps, tx, talk, { escalationId: row.id }, input.share);
    }
    await move(deps, tx, found, next, ground);
    return { done: true as const };
  });
}
