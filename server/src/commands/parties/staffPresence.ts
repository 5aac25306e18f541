import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act, type Tx } from '../command.ts';

type Talk = { id: string; line_id: string; caller_id: string | null; peer_id: string; staff: string[] };

/**
 * [PE5] A peer without a live page gets no offers (I20). Whoever is in a conversation is shown as lost to all others in it; when
 * they hold it, it goes on without them a set time later (CT3, F25).
 */
export async function staffAway(deps: Deps, staffId: string): Promise<void> {
  await act(deps, { name: 'staff.away', actor: system }, async (tx) => {
    for (const talk of await lockTalksOf(tx, staffId)) {
      await tx.query(
        'update participant set lost_at = coalesce(lost_at, $3) where conversation_id = $1 and party_id = $2 and left_at is null',
        [talk.id, staffId, tx.now],
      );
      const held = await tx.query<{ peer_lost_at: Date }>(
        `update conversation set peer_lost_at = coalesce(peer_lost_at, $3) where id = $1 and peer_id = $2 and state = 'live' returning peer_lost_at`,
        [talk.id, staffId, tx.now],
      );
      const since = held.rows[0]?.peer_lost_at;
      // noticed once more it is no later; and a talk beside another goes with that one
      if (since && talk.caller_id)
        tx.due('conversation.return', talk.id, new Date(since.getTime() + deps.config.peerBackMs));
      tell(tx, talk);
    }
    const away = await tx.query<{ line_id: string }>(
      `update peer_state set away_since = $2, rev = rev + 1 where staff_id = $1 and state <> 'off' and away_since is null returning line_id`,
      [staffId, tx.now],
    );
    for (const p of away.rows) tx.emit({ type: 'peer.changed', lineId: p.line_id, peerId: staffId });
  });
}

const whoIsAway = `
  select party_id as key from participant where party_id = any($1::uuid[]) and left_at is null and role <> 'caller' and lost_at is not null
  union all select staff_id from peer_state where staff_id = any($1::uuid[]) and away_since is not null`;

export async function staffBack(deps: Deps, staffId: string): Promise<void> {
  if ((await deps.reads.rows(whoIsAway, staffId)).length === 0) return;
  await act(deps, { name: 'staff.back', actor: system }, async (tx) => {
    for (const talk of await lockTalksOf(tx, staffId)) {
      const back = await tx.query(
        'update participant set lost_at = null where conversation_id = $1 and party_id = $2 and left_at is null and lost_at is not null',
        [talk.id, staffId],
      );
      if (back.rowCount === 0) continue;
      const held = await tx.query(
        `update conversation set peer_lost_at = null where id = $1 and peer_id = $2 and state = 'live'`,
        [talk.id, staffId],
      );
      if (held.rowCount > 0) tx.undue('conversation.return', talk.id);
      tell(tx, talk);
    }
    const back = await tx.query<{ line_id: string }>(
      `update peer_state set away_since = null, rev = rev + 1 where staff_id = $1 and away_since is not null returning line_id`,
      [staffId],
    );
    for (const p of back.rows) tx.emit({ type: 'peer.changed', lineId: p.line_id, peerId: staffId });
  });
}

/** Locked, by id: whom a conversation passes to is judged under the same lock. */
async function lockTalksOf(tx: Tx, staffId: string): Promise<Talk[]> {
  const { rows } = await tx.query<Talk>(
    `select c.id, c.line_id, c.caller_id, c.peer_id,
            array(select q.party_id from participant q where q.conversation_id = c.id and q.left_at is null and q.role <> 'caller') as staff
     from conversation c where c.state = 'live' and c.id = any (array(
       select conversation_id from participant where party_id = $1 and left_at is null and role <> 'caller'))
     order by c.id for update of c`,
    [staffId],
  );
  return rows;
}

const tell = (tx: Tx, talk: Talk): void =>
  tx.emit({
    type: 'conversation.presence',
    lineId: talk.line_id,
    conversationId: talk.id,
    ...(talk.caller_id ? { callerId: talk.caller_id } : {}),
    peerId: talk.peer_id,
    staffIds: talk.staff,
  });
