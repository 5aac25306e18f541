import { heirOf } from '@hearthline/shared/domain/control.machine';
import type { Deps } from '../../deps.ts';
import { Refused, type Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';
import { toTheHead } from '../conversations/toTheHead.ts';
import { endInvitation } from '../invitations/withTalk.ts';
import { putOut } from './putOut.ts';
import { staffIn } from './staffIn.ts';

/**
 * [CT1] Whoever holds a conversation gives it to somebody else who is in it. What the staff side had asked for is taken back with
 * it; what the caller has asked is the new one's to answer. @returns the conversation as it is now
 */
export async function passTo(tx: Tx, talk: LiveConversation, to: string): Promise<LiveConversation> {
  const passed = await tx.query(
    `update conversation set peer_id = $2, peer_lost_at = null,
       proposed_channel = case when proposed_by = 'peer' then null else proposed_channel end,
       proposed_by = case when proposed_by = 'peer' then null else proposed_by end
     where id = $1 and state = 'live' and peer_id = $3`,
    [talk.id, to, talk.peer_id],
  );
  if (passed.rowCount === 0) throw new Refused('control.notYours');
  await endInvitation(tx, talk);
  tx.undue('conversation.return', talk.id);
  tx.audit('control.passed', talk.line_id, talk.id, { from: talk.peer_id, to });
  const proposal = talk.proposed_by === 'peer' ? { proposed_channel: null, proposed_by: null } : {};
  return { ...talk, ...proposal, peer_id: to, peer_lost_at: null };
}

/** [CT2] Whoever holds it is in it no more: to the next one who is, else the caller goes to the head of the line. */
export async function passOn(tx: Tx, deps: Deps, talk: LiveConversation, why: 'left' | 'lost'): Promise<void> {
  const heir = heirOf(await staffIn(tx, talk.id), talk.peer_id);
  if (heir) await putOut(tx, deps, await passTo(tx, talk, heir), talk.peer_id, why);
  else await toTheHead(tx, deps, talk, why);
}
