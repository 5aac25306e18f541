import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act, Refused } from '../command.ts';
import { leaveBehind } from './changeRoom.ts';

type Seat = {
  room_id: string;
  identity: string;
  line_id: string;
  conversation_id: string;
  generation: number;
  name: string;
  sid: string | null;
};

/**
 * Who sits in an open room and may not any more: staff who have left the conversation, are suspended, without the role they are in it
 * with or without a session; callers whose session ended since.
 */
const removed = `
  select s.room_id, s.identity, c.line_id, c.id as conversation_id, r.generation, r.name, r.sid
  from media_room r join conversation c on c.id = r.conversation_id join media_seat s on s.room_id = r.id
  where r.closed_at is null and case when s.party_id = c.caller_id
    then not exists (select 1 from caller_session k where k.caller_id = s.party_id and k.ended_at is null and k.created_at <= s.taken_at)
    else not exists (select 1 from participant p join staff t on t.id = p.party_id join auth_session a on a."userId" = t.auth_user_id
      where p.conversation_id = c.id and p.party_id = s.party_id and p.left_at is null and p.role = any(t.roles)
        and t.suspended_at is null and a."expiresAt" > $1) end`;

/**
 * [ME7] Whoever may not be in a call any more is put out at once, and the others move on to a room that the old token does not
 * open (S3). Asked of the rows: whoever suspends somebody need not tell anybody.
 */
export async function putOutRemoved(deps: Deps): Promise<number> {
  const { rows } = await deps.sql.query<Seat>(removed, [deps.clock.now()]);
  for (const seat of rows)
    await putOutOne(deps, seat).catch((e: Error) =>
      deps.log.warn({ err: e.message }, 'somebody who was removed is not out of a call yet'),
    );
  return rows.length;
}

/** The seat goes last: whoever dies before leaves somebody who is found again. */
async function putOutOne(deps: Deps, seat: Seat): Promise<void> {
  await leaveBehind(deps, seat, [seat.identity], 'removed');
  await act(deps, { name: 'media.remove', actor: system }, async (tx) => {
    const gone = await tx.query('delete from media_seat where room_id = $1 and identity = $2', [
      seat.room_id,
      seat.identity,
    ]);
    if (gone.rowCount === 0) throw new Refused('conversation.gone'); // another process was first
    tx.audit('media.removed', seat.line_id, seat.conversation_id, { generation: seat.generation });
  });
}
