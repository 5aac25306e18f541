import type { Channel, TalkChannel } from '@hearthline/shared/contracts/ids';
import { Refused, type Tx } from '../command.ts';

export type LiveConversation = {
  id: string;
  line_id: string;
  request_id: string;
  caller_id: string;
  peer_id: string;
  cost: number;
  channel: Channel;
  epoch: number;
  proposed_channel: TalkChannel | null;
  proposed_by: 'caller' | 'peer' | null;
  state: 'live' | 'ended';
  caller_lost_at: Date | null;
  peer_lost_at: Date | null;
};

/**
 * Request first, then conversation: the one order of locks. A talk beside another has neither request nor caller and is none of
 * these (`openSide.ts`). @throws Refused conversation.gone
 */
export async function lockConversation(tx: Tx, id: string): Promise<LiveConversation> {
  await tx.query('select 1 from request where id = (select request_id from conversation where id = $1) for update', [
    id,
  ]);
  const { rows } = await tx.query<LiveConversation>(
    'select id, line_id, request_id, caller_id, peer_id, cost, channel, epoch, proposed_channel, proposed_by, state, caller_lost_at, peer_lost_at from conversation where id = $1 and side_of is null for update',
    [id],
  );
  const talk = rows[0];
  if (!talk) throw new Refused('conversation.gone');
  return talk;
}
export function absent(error: unknown): null {
  if (error instanceof Refused) return null;
  throw error;
}
