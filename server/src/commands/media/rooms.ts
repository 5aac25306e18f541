import { randomBytes, randomUUID } from 'node:crypto';
import type { Tx } from '../command.ts';

export type Room = {
  id: string;
  conversation_id: string;
  generation: number;
  name: string;
  sid: string | null;
  encrypted: boolean;
};
const columns = 'id, conversation_id, generation, name, sid, encrypted';

/** [ME1] A room of a conversation that has none open: the next generation, under a random name. */
export async function openRoom(tx: Tx, conversationId: string, encrypted: boolean): Promise<Room> {
  const { rows } = await tx.query<Room>(
    `insert into media_room (id, conversation_id, generation, name, encrypted, opened_at)
     select $1, $2, coalesce(max(generation), 0) + 1, $3, $4, $5 from media_room where conversation_id = $2
     returning ${columns}`,
    [randomUUID(), conversationId, randomBytes(18).toString('base64url'), encrypted, tx.now],
  );
  if (!rows[0]) throw new Error('no room was opened');
  return rows[0];
}

/** [PH5] The room in which somebody on the telephone waits becomes that of their conversation. @returns false when they hung up */
export async function openPhoneRoom(tx: Tx, conversationId: string, callerId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into media_room (id, conversation_id, generation, name, sid, encrypted, opened_at)
     select $1, $2, 1, room_name, room_sid, false, $4 from phone_call where caller_id = $3 and ended_at is null`,
    [randomUUID(), conversationId, callerId, tx.now],
  );
  return rowCount === 1;
}

/** Closes the one that is open; the media server is told after the commit, and again until it has ended it. */
export async function closeRoom(tx: Tx, conversationId: string): Promise<void> {
  await tx.query('update media_room set closed_at = $2 where conversation_id = $1 and closed_at is null', [
    conversationId,
    tx.now,
  ]);
}

export async function roomOf(tx: Tx, conversationId: string): Promise<Room | undefined> {
  const { rows } = await tx.query<Room>(
    `select ${columns} from media_room where conversation_id = $1 and closed_at is null for update`,
    [conversationId],
  );
  return rows[0];
}
