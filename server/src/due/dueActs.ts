import type { DueKind } from '@hearthline/shared/contracts/jobs';
import { endStaleConversation } from '../commands/conversations/endConversation.ts';
import { returnCaller } from '../commands/conversations/returnCaller.ts';
import { goOn } from '../commands/escalations/goOn.ts';
import { goOnInviting } from '../commands/invitations/inviteColleague.ts';
import { expireOffer } from '../commands/offers/answerOffer.ts';
import { restOver } from '../commands/peers/restOver.ts';
import { lapseRequest } from '../commands/requests/leaveRequest.ts';
import type { Deps } from '../deps.ts';

/** One command a kind. Each may run twice, early or late: it judges the locked row, not the timer. */
const acts: Record<DueKind, (deps: Deps, subjectId: string) => Promise<unknown>> = {
  'offer.expire': expireOffer,
  'request.lapse': lapseRequest,
  'conversation.return': returnCaller,
  'conversation.stale': endStaleConversation,
  'rest.over': restOver,
  'escalation.goOn': goOn,
  'invitation.goOn': goOnInviting,
};

/**
 * Runs a timer if its row is due; the row goes only after the act, so that a crash between runs it again, and stays if
 * the act has set it anew. (As text: a Date would lose the microseconds.)
 */
export async function runDue(deps: Deps, kind: DueKind, subjectId: string): Promise<boolean> {
  const { rows } = await deps.sql.query<{ due_at: string }>(
    'select due_at::text from due where kind = $1 and subject_id = $2 and due_at <= $3',
    [kind, subjectId, deps.clock.now()],
  );
  const row = rows[0];
  if (!row) return false;
  await acts[kind](deps, subjectId);
  await deps.sql.query('delete from due where kind = $1 and subject_id = $2 and due_at = $3::timestamptz', [
    kind,
    subjectId,
    row.due_at,
  ]);
  return true;
}
