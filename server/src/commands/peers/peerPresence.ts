import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';

/** [PE5] A peer without a live page gets no offers (I20); their callers are told, and wait for them a set time (F25). */
export async function peerAway(deps: Deps, peerId: string): Promise<void> {
  await act(deps, { name: 'peer.away', actor: system }, async (tx) => {
    const talking = await tx.query<{ id: string; line_id: string; caller_id: string }>(
      `update conversation set peer_lost_at = coalesce(peer_lost_at, $2) where peer_id = $1 and state = 'live' returning id, line_id, caller_id`,
      [peerId, tx.now],
    );
    for (const c of talking.rows) {
      tx.due('conversation.return', c.id, new Date(tx.now.getTime() + deps.config.peerBackMs));
      tx.emit({
        type: 'conversation.presence',
        lineId: c.line_id,
        conversationId: c.id,
        callerId: c.caller_id,
        peerId,
      });
    }
    const away = await tx.query<{ line_id: string }>(
      `update peer_state set away_since = $2, rev = rev + 1 where staff_id = $1 and state <> 'off' and away_since is null returning line_id`,
      [peerId, tx.now],
    );
    for (const p of away.rows) tx.emit({ type: 'peer.changed', lineId: p.line_id, peerId });
  });
}

const whoIsAway = `
  select peer_id as key from conversation where peer_id = any($1::uuid[]) and state = 'live' and peer_lost_at is not null
  union all select staff_id from peer_state where staff_id = any($1::uuid[]) and away_since is not null`;

export async function peerBack(deps: Deps, peerId: string): Promise<void> {
  if ((await deps.reads.rows(whoIsAway, peerId)).length === 0) return;
  await act(deps, { name: 'peer.back', actor: system }, async (tx) => {
    const talking = await tx.query<{ id: string; line_id: string; caller_id: string }>(
      `update conversation set peer_lost_at = null where peer_id = $1 and state = 'live' and peer_lost_at is not null returning id, line_id, caller_id`,
      [peerId],
    );
    for (const c of talking.rows) {
      tx.undue('conversation.return', c.id);
      tx.emit({
        type: 'conversation.presence',
        lineId: c.line_id,
        conversationId: c.id,
        callerId: c.caller_id,
        peerId,
      });
    }
    const back = await tx.query<{ line_id: string }>(
      `update peer_state set away_since = null, rev = rev + 1 where staff_id = $1 and away_since is not null returning line_id`,
      [peerId],
    );
    for (const p of back.rows) tx.emit({ type: 'peer.changed', lineId: p.line_id, peerId });
  });
}
