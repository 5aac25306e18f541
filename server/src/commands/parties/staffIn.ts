import type { InTalk } from '@hearthline/shared/domain/control.machine';
import type { Membership } from '../../policies/can.ts';
import type { Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';

/**
 * Everybody on staff who is in a conversation, or was until its end; longest first. They come and go under the lock of its row
 * only, so what is read here holds for as long as the transaction.
 */
export async function staffIn(tx: Tx, conversationId: string): Promise<InTalk[]> {
  const { rows } = await tx.query<InTalk>(
    `select p.party_id as id, p.role, p.lost_at as "lostAt" from participant p join conversation c on c.id = p.conversation_id
     where p.conversation_id = $1 and p.role <> 'caller' and p.left_at is not distinct from c.ended_at
     order by p.joined_at nulls first, p.party_id`,
    [conversationId],
  );
  return rows;
}

/** For `can()`: who is in it. */
export const membership = (talk: LiveConversation, staff: readonly InTalk[]): Membership => ({
  callerId: talk.caller_id,
  holderId: talk.peer_id,
  staff,
});

export type Told = {
  lineId: string;
  conversationId: string;
  callerId: string;
  peerId: string;
  staffIds: string[];
};
/** Whom an event about a conversation is for: everybody who is in it now. */
export async function toldOf(tx: Tx, talk: LiveConversation): Promise<Told> {
  return {
    lineId: talk.line_id,
    conversationId: talk.id,
    callerId: talk.caller_id,
    peerId: talk.peer_id,
    staffIds: (await staffIn(tx, talk.id)).map(({ id }) => id),
  };
}
