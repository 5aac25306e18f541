import { randomBytes } from 'node:crypto';
import type { JoinMedia, MediaSeat } from '@hearthline/shared/contracts/media';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import { isCall } from '@hearthline/shared/domain/channel.machine';
import type { Deps } from '../../deps.ts';
import type { CallerActor, StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { lockConversation, type LiveConversation } from '../conversations/lockConversation.ts';
import { act, allow, Refused, type Tx } from '../command.ts';
import { membership, staffIn, toldOf } from '../parties/staffIn.ts';
import { changeRoom } from './changeRoom.ts';
import { openRoom, roomOf, type Room } from './rooms.ts';

const mostTries = 3;
type Taken = { room: Room; epoch: number; identity: string; others: string[] };

/**
 * [ME2] A place in the call of a live conversation, for one join: the name in it is new each time, so that joining again ends
 * the earlier place. [ME3] A room that the media server has forgotten is followed by the next.
 */
export async function takeSeat(
  deps: Deps,
  actor: CallerActor | StaffActor,
  { conversationId, canEncrypt }: JoinMedia,
): Promise<Result<MediaSeat>> {
  if (deps.media.kind === 'off') return refuse('media.off');
  for (let attempt = 1; attempt <= mostTries; attempt++) {
    const taken = await act<Taken>(deps, { name: 'media.join', actor }, (tx) =>
      take(tx, actor, conversationId, canEncrypt),
    );
    if (!taken.ok) return taken;
    const { room, epoch, identity, others } = taken.value;
    const state = await deps.media.openRoom(room);
    if (state.state === 'down') return refuse('media.down');
    if (state.state === 'forgotten' || !(await marked(deps, room, state.sid))) {
      await changeRoom(deps, conversationId, room.generation, 'forgotten');
      continue;
    }
    const seated = { generation: room.generation, epoch, encrypted: room.encrypted };
    return ok(await deps.media.seat(room, seated, { id: actor.id, identity, others }));
  }
  return refuse('media.down');
}

async function take(
  tx: Tx,
  actor: CallerActor | StaffActor,
  conversationId: string,
  canEncrypt: boolean,
): Promise<Taken> {
  const talk = await lockConversation(tx, conversationId);
  allow(can(actor, 'media.join', membership(talk, await staffIn(tx, talk.id))), 'conversation.gone');
  if (talk.state !== 'live') throw new Refused('conversation.ended');
  if (!isCall(talk.channel)) throw new Refused('media.notCalling');
  const room = await roomFor(tx, talk, canEncrypt);
  const identity = `${actor.id}.${randomBytes(9).toString('base64url')}`;
  await tx.query(
    `insert into media_seat (room_id, party_id, identity, taken_at) values ($1, $2, $3, $4)
     on conflict (room_id, party_id) do update set identity = excluded.identity, taken_at = excluded.taken_at`,
    [room.id, actor.id, identity, tx.now],
  );
  tx.audit('media.joined', talk.line_id, talk.id, { generation: room.generation });
  const { rows } = await tx.query<{ party_id: string }>(
    'select party_id from participant where conversation_id = $1 and left_at is null and party_id <> $2',
    [talk.id, actor.id],
  );
  return { room, epoch: talk.epoch, identity, others: rows.map((r) => r.party_id) };
}

/** [ME4] A browser that cannot seal sound and picture has a room without it made, for everybody. */
async function roomFor(tx: Tx, talk: LiveConversation, canEncrypt: boolean): Promise<Room> {
  const room = await roomOf(tx, talk.id);
  if (room && (canEncrypt || !room.encrypted)) return room;
  await tx.query('update media_room set closed_at = $2 where id = $1', [room?.id, tx.now]);
  tx.emit({ type: 'conversation.channel', ...(await toldOf(tx, talk)) });
  return openRoom(tx, talk.id, canEncrypt);
}

/** Writes down the media server's mark of a room that had none. @returns false when it has another one by now. */
async function marked(deps: Deps, room: Room, sid: string): Promise<boolean> {
  if (room.sid === sid) return true;
  const { rowCount } = await deps.sql.query(
    'update media_room set sid = $2 where id = $1 and (sid is null or sid = $2) and closed_at is null',
    [room.id, sid],
  );
  return rowCount === 1;
}
