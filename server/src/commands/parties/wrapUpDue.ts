import type { Deps } from '../../deps.ts';
import type { Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';

/** [WU1] Each peer of a conversation has it to write up from when they leave it, or from its end; again when they came again. */
export async function wrapUpDue(tx: Tx, deps: Deps, talk: LiveConversation, peerId: string): Promise<void> {
  const minutes = deps.lines.byId(talk.line_id)?.config.wrapUpMinutes ?? 5;
  await tx.query(
    `insert into wrap_up (conversation_id, line_id, peer_id, state, due_at)
     values ($1, coalesce((select line_id from peer_state where staff_id = $3), $2), $3, 'due', $4)
     on conflict (conversation_id, peer_id) do update set state = 'due', due_at = excluded.due_at, submitted_at = null where wrap_up.state = 'done'`,
    [talk.id, talk.line_id, peerId, new Date(tx.now.getTime() + minutes * 60_000)],
  );
  await tx.query('update peer_state set last_live_at = $2, rev = rev + 1 where staff_id = $1', [peerId, tx.now]);
}
