import type { Result } from '@hearthline/shared/contracts/refusals';
import { purgeDueAt } from '@hearthline/shared/domain/retention';
import type { Deps } from '../../deps.ts';
import { system, type CallerActor, type StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused, type Tx } from '../command.ts';
import { closeRoom } from '../media/rooms.ts';
import { endWithTalk } from '../escalations/withTalk.ts';
import { endInvitation } from '../invitations/withTalk.ts';
import { closeSide, endSideOf } from '../parties/openSide.ts';
import { membership, staffIn, toldOf } from '../parties/staffIn.ts';
import { wrapUpDue } from '../parties/wrapUpDue.ts';
import { endPhone } from '../phone/endPhone.ts';
import { absent, lockConversation, type LiveConversation } from './lockConversation.ts';

/**
 * [CO1] The caller or whoever holds it ends it, once. The caller's request closes; the peer keeps the cost until the wrap-up is in.
 * A talk of peer and clinician alone is ended by either.
 */
export function endConversation(
  deps: Deps,
  actor: CallerActor | StaffActor,
  input: { commandId: string; conversationId: string; reason: string },
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'conversation.end', actor, commandId: input.commandId, input }, async (tx) => {
    if (actor.kind === 'staff' && (await endSideOf(tx, deps, actor, input.conversationId)))
      return { done: true as const };
    const talk = await lockConversation(tx, input.conversationId);
    const who = membership(talk, await staffIn(tx, talk.id));
    allow(can(actor, 'conversation.read', who), 'conversation.gone');
    allow(can(actor, 'conversation.end', who), 'control.notYours');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    await close(tx, deps, talk, actor.kind === 'caller' ? 'caller' : 'peer', input.reason);
    await closeRequest(tx, talk);
    return { done: true as const };
  });
}

/** [CO2] A caller who stayed away as long as we hold a place: the conversation ends by itself. */
export function endStaleConversation(deps: Deps, conversationId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'conversation.stale', actor: system }, async (tx) => {
    const talk = await lockConversation(tx, conversationId).catch(absent);
    if (!talk || talk.state !== 'live' || !talk.caller_lost_at) return { done: false };
    await close(tx, deps, talk, 'system', 'callerAway');
    await closeRequest(tx, talk);
    return { done: true };
  });
}

/**
 * Ends the conversation itself, for everybody in it: nothing in flight is stored any more, wrap-up due, timers gone.
 * @param goesOn its caller waits for the next peer
 */
export async function close(
  tx: Tx,
  deps: Deps,
  talk: LiveConversation,
  by: 'caller' | 'peer' | 'system',
  reason: string,
  goesOn = false,
): Promise<void> {
  const line = deps.lines.byId(talk.line_id);
  const told = await toldOf(tx, talk);
  const peers = (await staffIn(tx, talk.id)).filter(({ role }) => role === 'peer');
  const ended = await tx.query(
    `update conversation set state = 'ended', ended_at = $2, ended_by = $3, end_reason = $4, purge_due_at = $5 where id = $1 and state = 'live'`,
    [talk.id, tx.now, by, reason, purgeDueAt(tx.now, line?.config.retentionDays ?? 30)],
  );
  if (ended.rowCount === 0) throw new Refused('conversation.ended');
  await tx.query('update participant set left_at = $2 where conversation_id = $1 and left_at is null', [
    talk.id,
    tx.now,
  ]);
  for (const { id } of peers) await wrapUpDue(tx, deps, talk, id); // one who left before has theirs already
  await closeRoom(tx, talk.id);
  await closeSide(tx, deps, talk);
  await endInvitation(tx, talk);
  await endWithTalk(deps, tx, talk, goesOn);
  tx.undue('conversation.return', talk.id);
  tx.undue('conversation.stale', talk.id);
  tx.emit({ type: 'conversation.ended', ...told });
  tx.audit('conversation.ended', talk.line_id, talk.id, { by, reason });
}

/** The request ends with its conversation, and with it the telephone call, where it came by one. */
export async function closeRequest(tx: Tx, talk: LiveConversation): Promise<void> {
  await tx.query(
    `update request set state = 'closed', ended_at = $2, rev = rev + 1 where id = $1 and state = 'matched'`,
    [talk.request_id, tx.now],
  );
  if (talk.channel === 'phone') await endPhone(tx, talk.caller_id);
}
