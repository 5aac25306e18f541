import type { Deps } from '../../deps.ts';
import { partyOf } from '../../media/engine.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';
import { lookAtPhones } from '../phone/lookAtPhones.ts';
import { leaveBehind } from './changeRoom.ts';
import { sideBySide } from '../../due/loop.ts';
import { endAgain } from './endRooms.ts';

type Open = {
  id: string;
  line_id: string;
  conversation_id: string;
  channel: string;
  generation: number;
  name: string;
  sid: string | null;
  seats: string[];
};
const page = 200;
/** So many are asked about at a time: one that is slow to answer must not keep the others waiting. */
const side = 8;
/** One who has just been let in may be seen before their row is. */
const graceMs = 2000;

/**
 * [ME5] Compares the rooms of the media server with those who were let in: a stranger is put out and everybody else moves on to
 * the next room. @param name only this one, of which something was heard
 */
export async function reconcileRooms(deps: Deps, name?: string): Promise<void> {
  if (deps.media.kind !== 'livekit') return;
  for (let rooms = await openRooms(deps, null, name); rooms.length > 0;) {
    await sideBySide(rooms, side, (room) => lookAt(deps, room));
    rooms = rooms.length < page ? [] : await openRooms(deps, rooms.at(-1)?.id ?? null, name);
  }
  if (!deps.config.media.phone) return;
  await lookAtPhones(deps, name);
  if (!name)
    await endAgain(
      deps,
      ((await deps.media.allRooms()) ?? []).map((room) => room.name),
    );
}

/** The next page of them, by id. */
async function openRooms(deps: Deps, after: string | null, name?: string): Promise<Open[]> {
  const { rows } = await deps.sql.query<Open>(
    `select r.id, c.line_id, r.conversation_id, c.channel, r.generation, r.name, r.sid,
            array(select s.identity from media_seat s where s.room_id = r.id) as seats
     from media_room r join conversation c on c.id = r.conversation_id
     where r.closed_at is null and ($1::text is null or r.name = $1) and r.sid is not null
       and ($2::uuid is null or r.id > $2)
     order by r.id limit ${page}`,
    [name ?? null, after],
  );
  return rows;
}

/** A room that cannot be looked at holds up no other. */
const lookAt = (deps: Deps, room: Open): Promise<void> =>
  look(deps, room).catch((e: Error) => deps.log.warn({ err: e.message }, 'a room was not looked at'));

async function look(deps: Deps, room: Open): Promise<void> {
  const found = await unseatedIn(deps, room);
  if (found.length === 0) return;
  await new Promise((done) => setTimeout(done, graceMs));
  const { rows } = await deps.sql.query<{ identity: string }>('select identity from media_seat where room_id = $1', [
    room.id,
  ]);
  const seats = rows.map((r) => r.identity);
  const still = await unseatedIn(deps, { ...room, seats });
  // an earlier page of somebody who is in it was not put out in time, or came back: no stranger to move away from
  const parties = new Set(seats.map(partyOf));
  const [earlier, strangers] = [
    still.filter((i) => parties.has(partyOf(i))),
    still.filter((i) => !parties.has(partyOf(i))),
  ];
  for (const identity of earlier) await deps.media.putOut(room, identity);
  if (strangers.length === 0) return;
  await act(deps, { name: 'media.putOut', actor: system }, async (tx) =>
    tx.audit('media.strangerPutOut', room.line_id, room.conversation_id, {
      generation: room.generation,
      strangers: strangers.length,
    }),
  );
  await leaveBehind(deps, room, strangers, 'stranger');
}

/** Who came in over the telephone has no seat, and belongs into the talk of a telephone only. */
const unseatedIn = async (deps: Deps, room: Open): Promise<string[]> =>
  ((await deps.media.whoIsIn(room)) ?? [])
    .filter(({ identity, phone }) => !room.seats.includes(identity) && !(phone && room.channel === 'phone'))
    .map(({ identity }) => identity);
