import type { Deps } from '../deps.ts';

/**
 * The join of theirs that was let in last, in the room of this generation.
 * @returns null when that room is not open (any more), or they have no place in it
 */
export async function seatNow(
  { hot }: Pick<Deps, 'hot'>,
  room: { conversationId: string; generation: number },
  partyId: string,
): Promise<string | null> {
  const { rows } = await hot.query<{ identity: string }>(
    `select s.identity from media_seat s join media_room r on r.id = s.room_id
     where r.conversation_id = $1 and r.generation = $2 and r.closed_at is null and s.party_id = $3`,
    [room.conversationId, room.generation, partyId],
  );
  return rows[0]?.identity ?? null;
}
