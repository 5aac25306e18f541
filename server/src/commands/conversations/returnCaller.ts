import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { system, type CallerActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused, type Tx } from '../command.ts';
import { absent, close, lockConversation, type LiveConversation } from './endConversation.ts';

/** [CO3] The peer's browser is lost and the caller chose the next peer: to the head of the line at once. */
export function chooseNextPeer(
  deps: Deps,
  actor: CallerActor,
  input: { commandId: string; conversationId: string },
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'conversation.nextPeer', actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    allow(can(actor, 'conversation.nextPeer', { callerId: talk.caller_id }), 'conversation.gone');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    if (!talk.peer_lost_at) throw new Refused('access.denied');
    await toTheHead(tx, deps, talk);
    return { done: true as const };
  });
}

/** [CO4] No choice made and the peer not back in time: the same, by the due row (F25). */
export function returnCaller(deps: Deps, conversationId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'conversation.return', actor: system }, async (tx) => {
    const talk = await lockConversation(tx, conversationId).catch(absent);
    if (!talk || talk.state !== 'live' || !talk.peer_lost_at) return { done: false };
    if (tx.now.getTime() - talk.peer_lost_at.getTime() < deps.config.peerBackMs) return { done: false };
    await toTheHead(tx, deps, talk);
    return { done: true };
  });
}

async function toTheHead(tx: Tx, deps: Deps, talk: LiveConversation): Promise<void> {
  await close(tx, deps, talk, 'system', 'peerLost');
  const moved = await tx.query(
    `update request set state = 'waiting', class = 0, absent_since = $2, rev = rev + 1 where id = $1 and state = 'matched'`,
    [talk.request_id, talk.caller_lost_at],
  );
  if (moved.rowCount === 0) throw new Refused('request.gone');
  if (talk.caller_lost_at)
    tx.due('request.lapse', talk.request_id, new Date(talk.caller_lost_at.getTime() + deps.config.holdMs));
  // whoever was lost is not available until they say that they are back
  await tx.query(`update peer_state set state = 'paused', rev = rev + 1 where staff_id = $1 and state = 'available'`, [
    talk.peer_id,
  ]);
  tx.emit({
    type: 'conversation.returned',
    lineId: talk.line_id,
    requestId: talk.request_id,
    conversationId: talk.id,
    callerId: talk.caller_id,
    peerId: talk.peer_id,
  });
}
