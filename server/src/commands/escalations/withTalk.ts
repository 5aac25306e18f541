import { onOwnerOut, onTalkEnded, withdraw } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import type { Tx } from '../command.ts';
import { lockConversation, type LiveConversation } from '../conversations/lockConversation.ts';
import { machineOf, type EscalationRow } from './escalationRow.ts';
import { move, openEscalation, tell, type Locked } from './ladder.ts';

/** [ES11] The conversation is over: inside its own transaction. [ES16] @param goesOn its caller waits for the next peer */
export async function endWithTalk(deps: Deps, tx: Tx, talk: LiveConversation, goesOn: boolean): Promise<void> {
  const row = await openEscalation(tx, talk.id);
  const next = row && onTalkEnded(machineOf(row), row.kind, goesOn);
  if (row && next) await move(deps, tx, { row, talk }, next, null);
}

/** [ES15] A clinician is out of a talk that goes on. */
export async function ownerOut(deps: Deps, tx: Tx, talk: LiveConversation, staffId: string): Promise<void> {
  const row = await openEscalation(tx, talk.id);
  const next = row && onOwnerOut(machineOf(row), staffId);
  if (row && next) await move(deps, tx, { row, talk }, next, null);
}

/** [ES16] Whoever is called for a caller in the line is called on in the talk that they have now. */
export async function followCaller(tx: Tx, of: { callerId: string; conversationId: string }): Promise<void> {
  const row = await calledFor(tx, of.callerId);
  if (!row) return;
  await tx.query('update escalation set conversation_id = $2, rev = rev + 1 where id = $1', [
    row.id,
    of.conversationId,
  ]);
  tx.audit('escalation.followed', row.line_id, row.id, { conversationId: of.conversationId });
  await tell(tx, { row, talk: await lockConversation(tx, of.conversationId) });
}

/** [ES16] The caller is not in the line any more: nobody is called for them. */
export async function endWithRequest(deps: Deps, tx: Tx, callerId: string): Promise<void> {
  const found = await lockCalledFor(tx, callerId);
  const next = found && withdraw(machineOf(found.row));
  if (found && next?.ok) await move(deps, tx, found, next.value, null);
}

async function lockCalledFor(tx: Tx, callerId: string): Promise<Locked | null> {
  const row = await calledFor(tx, callerId);
  return row && { row, talk: await lockConversation(tx, row.conversation_id) };
}

/** Their request is locked: nobody else follows or ends it. */
async function calledFor(tx: Tx, callerId: string): Promise<EscalationRow | null> {
  const { rows } = await tx.query<{ conversation_id: string }>(
    `select e.conversation_id from conversation c join escalation e on e.conversation_id = c.id
     where c.caller_id = $1 and c.state = 'ended' and e.state in ('paging', 'acknowledged', 'exhausted')`,
    [callerId],
  );
  return rows[0] ? openEscalation(tx, rows[0].conversation_id) : null;
}
