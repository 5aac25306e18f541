import type { Deps } from '../../deps.ts';
import type { RoomRef } from '../../media/engine.ts';

/**
 * [PH5] A room that a telephone waits in outlives a conversation: whoever else is in it without a seat of the conversation
 * that is held there now is put out. The list is read before the seats, so nobody who was just let in is taken for another.
 * @returns how many, or null when it cannot be known now
 */
export async function putOutUnseated(deps: Deps, room: RoomRef): Promise<number | null> {
  const present = await deps.media.whoIsIn(room);
  if (!present) return null;
  const others = present.filter(({ phone }) => !phone);
  if (others.length === 0) return 0;
  const { rows } = await deps.sql.query<{ identity: string }>(
    `select s.identity from media_seat s join media_room r on r.id = s.room_id where r.name = $1 and r.closed_at is null`,
    [room.name],
  );
  const unseated = others.filter(({ identity }) => !rows.some((seat) => seat.identity === identity));
  for (const { identity } of unseated) await deps.media.putOut(room, identity);
  return unseated.length;
}
