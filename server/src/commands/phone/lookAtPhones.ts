import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';
import { putOutUnseated } from '../media/putOutUnseated.ts';
import { endUntaken } from './endUntaken.ts';
import { hangUp } from './hangUp.ts';
import { openPhone } from './openPhone.ts';
import { isPhoneRoom, lineOf } from '../../media/phoneRooms.ts';

type Phone = { name: string; sid: string };
type Call = { caller_id: string; room_name: string; room_sid: string };

/** A telephone that comes back within it (the media server's own reconnecting) was never hung up. */
const graceMs = 2000;

/**
 * Telephone calls as the media server has them now: new ones are put in line (PH1), those that nobody takes are ended (PH7), and
 * those whose telephone is gone are over (PH4). What cannot be known changes nothing. @param name only this room, of which something was heard
 */
export async function lookAtPhones(deps: Deps, name?: string): Promise<void> {
  if (name && !isPhoneRoom(name)) return;
  const phones = await phonesNow(deps, name);
  if (!phones) return;
  const inLine = await withRequest(deps, phones);
  for (const phone of phones) {
    const line = lineOf(phone.name, deps.lines.all());
    if (!line)
      await deps.media.endRoom(phone); // of a line that is not here any more
    else {
      if (!inLine.has(phone.name)) await openPhone(deps, line, phone);
      await aloneBut(deps, line.id, phone);
    }
  }
  if (!name) await endUntaken(deps);
  if ((await silent(deps, phones, name)).length === 0) return;
  await new Promise((done) => setTimeout(done, graceMs));
  const still = await phonesNow(deps, name);
  if (!still) return;
  for (const call of await silent(deps, still, name)) await hangUp(deps, call.caller_id);
}

/** Whoever waits on the telephone is not listened to. */
async function aloneBut(deps: Deps, lineId: string, phone: Phone): Promise<void> {
  const strangers = await putOutUnseated(deps, phone);
  if (strangers)
    await act(deps, { name: 'media.putOut', actor: system }, async (tx) =>
      tx.audit('media.strangerPutOut', lineId, null, { strangers, phone: true }),
    );
}

/** Rooms in which the media server has a telephone. @returns null when that cannot be known now */
async function phonesNow(deps: Deps, name?: string): Promise<Phone[] | null> {
  const rooms = await deps.media.allRooms();
  if (!rooms) return null;
  const phones: Phone[] = [];
  for (const room of rooms) {
    if (!isPhoneRoom(room.name) || (name && room.name !== name)) continue;
    const present = await deps.media.whoIsIn(room);
    if (!present) return null;
    const phone = present.find((p) => p.phone);
    if (!phone) continue;
    if (phone.named) await deps.media.withoutNumber(room, phone.identity);
    phones.push(room);
  }
  return phones;
}

/** Those of these rooms whose call goes on in our rows, with its request. */
async function withRequest({ sql }: Deps, phones: readonly Phone[]): Promise<Set<string>> {
  const { rows } = await sql.query<{ room_name: string }>(
    'select p.room_name from phone_call p join request r on r.id = p.id where p.room_name = any($1::text[]) and p.ended_at is null',
    [phones.map(({ name }) => name)],
  );
  return new Set(rows.map((row) => row.room_name));
}

/** Calls that go on in our rows and have no telephone among these. */
async function silent(deps: Deps, phones: readonly Phone[], name?: string): Promise<Call[]> {
  const { rows } = await deps.sql.query<Call>(
    `select caller_id, room_name, room_sid from phone_call
     where ended_at is null and ($1::text is null or room_name = $1) order by began_at`,
    [name ?? null],
  );
  return rows.filter((call) => !phones.some((p) => p.name === call.room_name && p.sid === call.room_sid));
}
