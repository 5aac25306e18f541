import type { Deps } from '../../deps.ts';
import { Refused, type Tx } from '../command.ts';
import { pause } from '../parties/putOut.ts';
import { close } from './endConversation.ts';
import type { LiveConversation } from './lockConversation.ts';

/** [CO4][CT2] Nobody is left who could hold it: the caller goes to the head of the line, with their age and what they asked for. */
export async function toTheHead(tx: Tx, deps: Deps, talk: LiveConversation, why: 'left' | 'lost'): Promise<void> {
  await close(tx, deps, talk, why === 'lost' ? 'system' : 'peer', why === 'lost' ? 'peerLost' : 'peerLeft', true);
  const moved = await tx.query(
    `update request set state = 'waiting', class = 0, absent_since = $2, rev = rev + 1 where id = $1 and state = 'matched'`,
    [talk.request_id, talk.caller_lost_at],
  );
  if (moved.rowCount === 0) throw new Refused('request.gone');
  if (talk.caller_lost_at)
    tx.due('request.lapse', talk.request_id, new Date(talk.caller_lost_at.getTime() + deps.config.holdMs));
  if (why === 'lost') await pause(tx, talk.peer_id);
  else await notAtOnceAgain(tx, talk);
  tx.emit({
    type: 'conversation.returned',
    lineId: talk.line_id,
    requestId: talk.request_id,
    conversationId: talk.id,
    callerId: talk.caller_id,
    peerId: talk.peer_id,
  });
}

/** [MA4] Whoever has just left is not asked for a minute. */
async function notAtOnceAgain(tx: Tx, talk: LiveConversation): Promise<void> {
  await tx.query(
    `insert into request_exclusion (request_id, peer_id, why, at) values ($1, $2, 'declined', $3)
     on conflict (request_id, peer_id) do update set at = excluded.at where request_exclusion.why = 'declined'`,
    [talk.request_id, talk.peer_id, tx.now],
  );
}
