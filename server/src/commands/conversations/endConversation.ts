import type { Result } from '@hearthline/shared/contracts/refusals';
import { purgeDueAt } from '@hearthline/shared/domain/retention';
import type { Deps } from '../../deps.ts';
import { system, type CallerActor, type StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused, type Tx } from '../command.ts';

export type LiveConversation = {
  id: string;
  line_id: string;
  request_id: string;
  caller_id: string;
  peer_id: string;
  cost: number;
  state: 'live' | 'ended';
  caller_lost_at: Date | null;
  peer_lost_at: Date | null;
};

/** [CO1] Either side ends it, once. The caller's request closes; the peer keeps the cost until the wrap-up is in. */
export function endConversation(
  deps: Deps,
  actor: CallerActor | StaffActor,
  input: { commandId: string; conversationId: string; reason: string },
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'conversation.end', actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    allow(can(actor, 'conversation.end', { callerId: talk.caller_id, peerId: talk.peer_id }), 'conversation.gone');
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

/** Request first, then conversation: the one order of locks. */
export async function lockConversation(tx: Tx, id: string): Promise<LiveConversation> {
  await tx.query('select 1 from request where id = (select request_id from conversation where id = $1) for update', [
    id,
  ]);
  const { rows } = await tx.query<LiveConversation>(
    'select id, line_id, request_id, caller_id, peer_id, cost, state, caller_lost_at, peer_lost_at from conversation where id = $1 for update',
    [id],
  );
  const talk = rows[0];
  if (!talk) throw new Refused('conversation.gone');
  return talk;
}
export function absent(error: unknown): null {
  if (error instanceof Refused) return null;
  throw error;
}

/** Ends the conversation itself: epoch bumped so that nothing in flight is stored, wrap-up due, timers gone. */
export async function close(
  tx: Tx,
  deps: Deps,
  talk: LiveConversation,
  by: 'caller' | 'peer' | 'system',
  reason: string,
): Promise<void> {
  const line = deps.lines.byId(talk.line_id);
  const ended = await tx.query(
    `update conversation set state = 'ended', ended_at = $2, ended_by = $3, end_reason = $4, purge_due_at = $5 where id = $1 and state = 'live'`,
    [talk.id, tx.now, by, reason, purgeDueAt(tx.now, line?.config.retentionDays ?? 30)],
  );
  if (ended.rowCount === 0) throw new Refused('conversation.ended');
  await tx.query('update participant set left_at = $2 where conversation_id = $1 and left_at is null', [
    talk.id,
    tx.now,
  ]);
  await tx.query(
    `insert into wrap_up (conversation_id, line_id, peer_id, state, due_at) values ($1, $2, $3, 'due', $4)`,
    [talk.id, talk.line_id, talk.peer_id, new Date(tx.now.getTime() + (line?.config.wrapUpMinutes ?? 5) * 60_000)],
  );
  await tx.query('update peer_state set last_live_at = $2, rev = rev + 1 where staff_id = $1', [talk.peer_id, tx.now]);
  tx.undue('conversation.return', talk.id);
  tx.undue('conversation.stale', talk.id);
  tx.emit({
    type: 'conversation.ended',
    lineId: talk.line_id,
    conversationId: talk.id,
    callerId: talk.caller_id,
    peerId: talk.peer_id,
  });
  tx.audit('conversation.ended', talk.line_id, talk.id, { by, reason });
}

async function closeRequest(tx: Tx, talk: LiveConversation): Promise<void> {
  await tx.query(
    `update request set state = 'closed', ended_at = $2, rev = rev + 1 where id = $1 and state = 'matched'`,
    [talk.request_id, tx.now],
  );
}
