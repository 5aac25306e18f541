import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';

type Talking = { id: string; line_id: string; peer_id: string; staff: string[] };
/** Everybody on staff who is in a conversation, of the one that is updated. */
const staffIn = `array(select q.party_id from participant q where q.conversation_id = conversation.id and q.left_at is null and q.role <> 'caller') as staff`;

/**
 * [RQ5] A caller without a live page is absent: skipped, never offered, place and age kept. Silence is held 10 minutes,
 * a closed tab 60 s; coming back cancels it. In a conversation the peer sees it, and it ends when the hold is over.
 */
export async function callerAway(deps: Deps, callerId: string, closedTab: boolean): Promise<void> {
  const hold = closedTab ? Math.min(60_000, deps.config.holdMs) : deps.config.holdMs;
  await act(deps, { name: 'caller.away', actor: system }, async (tx) => {
    const until = new Date(tx.now.getTime() + hold);
    const waiting = await tx.query<{ id: string; line_id: string }>(
      `update request set absent_since = coalesce(absent_since, $2), rev = rev + 1 where caller_id = $1 and state in ('waiting', 'offered') returning id, line_id`,
      [callerId, tx.now],
    );
    for (const r of waiting.rows) {
      tx.due('request.lapse', r.id, until);
      tx.emit({ type: 'request.presence', lineId: r.line_id, requestId: r.id, callerId });
    }
    const talking = await tx.query<Talking>(
      `update conversation set caller_lost_at = coalesce(caller_lost_at, $2) where caller_id = $1 and state = 'live' returning id, line_id, peer_id, ${staffIn}`,
      [callerId, tx.now],
    );
    for (const c of talking.rows) {
      tx.due('conversation.stale', c.id, new Date(tx.now.getTime() + deps.config.holdMs));
      tx.emit({
        type: 'conversation.presence',
        lineId: c.line_id,
        conversationId: c.id,
        callerId,
        peerId: c.peer_id,
        staffIds: c.staff,
      });
    }
  });
}

const whoIsAway = `
  select caller_id as key from request where caller_id = any($1::uuid[]) and state in ('waiting', 'offered') and absent_since is not null
  union all
  select caller_id from conversation where caller_id = any($1::uuid[]) and state = 'live' and caller_lost_at is not null`;

/** Of every connection that comes; most were never away, and cost one read together. */
export async function callerBack(deps: Deps, callerId: string): Promise<void> {
  if ((await deps.reads.rows(whoIsAway, callerId)).length === 0) return;
  await act(deps, { name: 'caller.back', actor: system }, async (tx) => {
    const waiting = await tx.query<{ id: string; line_id: string }>(
      `update request set absent_since = null, rev = rev + 1 where caller_id = $1 and state in ('waiting', 'offered') and absent_since is not null returning id, line_id`,
      [callerId],
    );
    for (const r of waiting.rows) {
      tx.undue('request.lapse', r.id);
      tx.emit({ type: 'request.presence', lineId: r.line_id, requestId: r.id, callerId });
    }
    const talking = await tx.query<Talking>(
      `update conversation set caller_lost_at = null where caller_id = $1 and state = 'live' and caller_lost_at is not null returning id, line_id, peer_id, ${staffIn}`,
      [callerId],
    );
    for (const c of talking.rows) {
      tx.undue('conversation.stale', c.id);
      tx.emit({
        type: 'conversation.presence',
        lineId: c.line_id,
        conversationId: c.id,
        callerId,
        peerId: c.peer_id,
        staffIds: c.staff,
      });
    }
  });
}
