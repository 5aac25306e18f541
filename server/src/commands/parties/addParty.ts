import { isCall } from '@hearthline/shared/domain/channel.machine';
import type { Deps } from '../../deps.ts';
import type { Channel } from '@hearthline/shared/contracts/ids';
import { Refused, type Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';
import { newEpoch } from './newEpoch.ts';
import { staffIn, toldOf } from './staffIn.ts';

/** Browser to browser, each sends to each: three is what an old phone bears. */
const mostInDirect = 3;
type NewParty = {
  partyId: string;
  reads: 'all' | 'fromNow';
  /** What it takes of a peer's room, which is held already. */
} & ({ role: 'peer'; cost: number } | { role: 'clinician' | 'coordinator'; cost?: undefined });

/** [PA7] @param staff how many there would be beside the caller. @throws Refused party.full */
export function mustHold(deps: Deps, channel: Channel, staff: number): void {
  if (deps.media.kind === 'direct' && isCall(channel) && staff + 1 > mostInDirect) throw new Refused('party.full');
}

/**
 * [PA1] Somebody comes into a conversation that this transaction has locked, seen by everybody in it. [PA3] They read from the new
 * epoch on, or all of it where the caller has agreed to that. Whoever has left may come again; whoever is in it stays as they are.
 */
export async function addParty(
  tx: Tx,
  deps: Deps,
  talk: LiveConversation,
  { partyId, role, reads, cost }: NewParty,
): Promise<void> {
  if (talk.state !== 'live') throw new Refused('conversation.ended');
  const staff = await staffIn(tx, talk.id);
  if (staff.some(({ id }) => id === partyId)) return;
  mustHold(deps, talk.channel, staff.length + 1);
  const { epoch, lastSeq } = await newEpoch(tx, deps, talk);
  const added = await tx.query(
    `insert into participant (conversation_id, party_id, role, from_epoch, after_seq, joined_at, cost, joined_epoch, joined_seq)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (conversation_id, party_id) do update set role = excluded.role, from_epoch = excluded.from_epoch,
       after_seq = excluded.after_seq, joined_at = excluded.joined_at, joined_epoch = excluded.joined_epoch, joined_seq = excluded.joined_seq, cost = excluded.cost, left_at = null, lost_at = null, until_epoch = null, until_seq = null
     where participant.left_at is not null`,
    [
      talk.id,
      partyId,
      role,
      reads === 'all' ? 1 : epoch,
      reads === 'all' ? 0 : lastSeq,
      tx.now,
      cost ?? null,
      epoch,
      lastSeq,
    ],
  );
  if (added.rowCount === 0) throw new Refused('conversation.gone');
  tx.emit({ type: 'conversation.parties', ...(await toldOf(tx, talk)) });
  tx.audit('party.joined', talk.line_id, talk.id, { partyId, role, reads, epoch });
}
