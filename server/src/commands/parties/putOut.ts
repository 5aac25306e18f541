import type { StaffRole } from '@hearthline/shared/domain/control.machine';
import type { Deps } from '../../deps.ts';
import { Refused, type Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';
import { ownerOut } from '../escalations/withTalk.ts';
import { newEpoch } from './newEpoch.ts';
import { closeSideOf } from './openSide.ts';
import { toldOf } from './staffIn.ts';
import { wrapUpDue } from './wrapUpDue.ts';

/**
 * [PA4] Somebody on staff is in it no more: what comes from now on is under another key and in another room. A peer has their
 * wrap-up to write, and reads for it what was there until now; whom the caller has asked to leave reads nothing more.
 */
export async function putOut(
  tx: Tx,
  deps: Deps,
  talk: LiveConversation,
  partyId: string,
  why: 'left' | 'lost' | 'removed',
): Promise<void> {
  const { rows } = await tx.query<{ role: StaffRole }>(
    `update participant p set left_at = $3, lost_at = null,
       until_epoch = case when $4 then 0 else c.epoch end, until_seq = case when $4 then 0 else c.last_seq end
     from conversation c where c.id = p.conversation_id and p.conversation_id = $1 and p.party_id = $2 and p.left_at is null and p.role <> 'caller'
     returning p.role`,
    [talk.id, partyId, tx.now, why === 'removed'],
  );
  const [gone] = rows;
  if (!gone) throw new Refused('conversation.gone');
  if (gone.role === 'peer') {
    await wrapUpDue(tx, deps, talk, partyId);
    await closeSideOf(tx, deps, talk, partyId);
  }
  if (gone.role === 'clinician') await ownerOut(deps, tx, talk, partyId);
  if (why === 'lost') await pause(tx, partyId);
  const { epoch } = await newEpoch(tx, deps, talk);
  const told = await toldOf(tx, talk);
  tx.emit({ type: 'conversation.parties', ...told, staffIds: [...told.staffIds, partyId], leftId: partyId });
  tx.audit('party.left', talk.line_id, talk.id, { partyId, role: gone.role, why, epoch });
}

/** [CO4] Whoever was lost is not available until they say that they are back. */
export async function pause(tx: Tx, staffId: string): Promise<void> {
  await tx.query(`update peer_state set state = 'paused', rev = rev + 1 where staff_id = $1 and state = 'available'`, [
    staffId,
  ]);
}
