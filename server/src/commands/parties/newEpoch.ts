import { isCall } from '@hearthline/shared/domain/channel.machine';
import type { Deps } from '../../deps.ts';
import { createEpochKey } from '../../keys/epochKeys.ts';
import { Refused, type Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';
import { closeRoom, openRoom, roomOf } from '../media/rooms.ts';

/**
 * [PA2] Who may read has changed: the next epoch under a key of its own, and where a call runs the next room, into which whoever
 * belongs there moves. [PH5] A telephone stays in its room: whoever has left is put out of it (`putOutRemoved.ts`).
 * @returns the new epoch, and the last number that was given before it
 */
export async function newEpoch(
  tx: Tx,
  deps: Deps,
  talk: LiveConversation,
): Promise<{ epoch: number; lastSeq: number }> {
  const { rows } = await tx.query<{ epoch: number; last_seq: number }>(
    `update conversation set epoch = epoch + 1 where id = $1 and state = 'live' returning epoch, last_seq`,
    [talk.id],
  );
  const now = rows[0];
  if (!now) throw new Refused('conversation.ended');
  await createEpochKey(tx, deps.ring, {
    conversationId: talk.id,
    epoch: now.epoch,
    lineId: talk.line_id,
    now: tx.now,
  });
  const room = isCall(talk.channel) && talk.channel !== 'phone' ? await roomOf(tx, talk.id) : undefined;
  if (room) {
    await closeRoom(tx, talk.id);
    await openRoom(tx, talk.id, room.encrypted);
  }
  return { epoch: now.epoch, lastSeq: now.last_seq };
}
