import type { Deps } from '../../deps.ts';
import { sideBySide } from '../../due/loop.ts';
import { putOutUnseated } from './putOutUnseated.ts';

const mostAtOnce = 200;
/** So many are asked about at a time: one that is slow to answer must not keep the others waiting. */
const side = 8;
type Ended = { id: string; name: string; sid: string | null };

/**
 * [ME6] Rooms of calls that are over, and telephone calls that are (PH4): ended until the media server says so. One in which
 * somebody on the telephone waits for the next peer is emptied of all others instead (PH5).
 */
export async function endRooms(deps: Deps): Promise<void> {
  const { rows } = await deps.sql.query<Ended & { waits: boolean }>(
    `select id, name, sid, exists (select 1 from phone_call p where p.room_name = r.name and p.ended_at is null) as waits
     from media_room r where closed_at is not null and gone_at is null order by closed_at limit ${mostAtOnce}`,
    [],
  );
  await sideBySide(rows, side, async (room) => {
    if (room.waits ? (await putOutUnseated(deps, room)) !== null : await deps.media.endRoom(room))
      await deps.sql.query('update media_room set gone_at = $2 where id = $1', [room.id, deps.clock.now()]);
  });
  const phones = await deps.sql.query<Ended>(
    `select id, room_name as name, room_sid as sid from phone_call where ended_at is not null and gone_at is null order by ended_at limit ${mostAtOnce}`,
    [],
  );
  await sideBySide(phones.rows, side, async (room) => {
    if (await deps.media.endRoom(room))
      await deps.sql.query('update phone_call set gone_at = $2 where id = $1', [room.id, deps.clock.now()]);
  });
}

/**
 * A media server that makes rooms by itself (docs/phone.md) makes one that is over anew for whoever still has a token of it:
 * it is ended again. Rooms that were never ours are left alone.
 */
export async function endAgain(deps: Deps, there: readonly string[]): Promise<void> {
  const { rows } = await deps.sql.query<{ name: string }>(
    `select distinct name from media_room r where name = any($1::text[]) and gone_at is not null
       and not exists (select 1 from media_room o where o.name = r.name and o.closed_at is null)
       and not exists (select 1 from phone_call p where p.room_name = r.name and p.ended_at is null)
     union select room_name from phone_call where room_name = any($1::text[]) and gone_at is not null`,
    [there],
  );
  for (const { name } of rows) await deps.media.endRoom({ name, sid: null });
}
