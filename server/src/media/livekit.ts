import { AccessToken, RoomServiceClient, TrackSource, type ParticipantInfo } from 'livekit-server-sdk';
import type { Logger } from 'pino';
import { every } from '../due/loop.ts';
import { partyOf, type MediaEngine, type Present, type RoomRef } from './engine.ts';

export type LivekitServer = { url: string; key: string; secret: string };

const lookEveryMs = 3000;
const answersWithinSeconds = 2;
const tokenSeconds = 60;
/** A room without anybody stays this long: until the first comes, and while both are away. */
const emptySeconds = 180;
const departureSeconds = 90;
const mostInRoom = 4;
/** In place of a name with digits of the number. */
const nameless = 'phone';
/** What LiveKit's own telephone service is marked with, in its list of kinds; nobody can give it to themselves. */
const telephone: ParticipantInfo['kind'] = 3;
/** On our own origin; `http/mediaProxy.ts` passes it on. */
export const signalPath = '/calls';

/** A LiveKit server stands between the browsers: each sees its address only. It makes no room by itself and records nothing. */
export function livekitMedia(server: LivekitServer, log: Logger): MediaEngine {
  const rooms = new RoomServiceClient(server.url, server.key, server.secret, { requestTimeout: answersWithinSeconds });
  const listeners = new Set<() => void>();
  let up = true;
  const heard = (answers: boolean, why?: Error) => {
    if (answers === up) return;
    up = answers;
    if (up) log.info('the media server answers again');
    else log.error({ err: why?.message }, 'the media server does not answer: no calls');
    for (const tell of listeners) tell();
  };
  const look = () => rooms.listRooms(['-']);
  const looking = every(lookEveryMs, 'look at the media server', log, () =>
    look()
      .catch(look) // a process that is just starting can be too late for an answer that was there
      .then(
        () => heard(true),
        (e: Error) => heard(false, e),
      ),
  );
  looking.now();

  return {
    kind: 'livekit',
    calls: () => ({ state: up ? 'livekit' : 'down', exposesAddress: false }),
    onChange: (tell) => void listeners.add(tell),
    async openRoom({ name, sid }) {
      try {
        const room = await rooms.createRoom({
          name,
          emptyTimeout: emptySeconds,
          departureTimeout: departureSeconds,
          maxParticipants: mostInRoom,
        });
        heard(true);
        return sid && room.sid !== sid ? { state: 'forgotten' } : { state: 'there', sid: room.sid };
      } catch (e) {
        heard(false, e as Error);
        return { state: 'down' };
      }
    },
    async seat(room, seated, { id, identity }) {
      for (const other of (await present(room)) ?? [])
        if (partyOf(other.identity) === id && other.identity !== identity)
          await rooms.removeParticipant(room.name, other.identity).catch(gone);
      const token = new AccessToken(server.key, server.secret, { identity, ttl: tokenSeconds });
      token.addGrant({
        room: room.name,
        roomJoin: true,
        roomCreate: false,
        roomList: false,
        roomAdmin: false,
        roomRecord: false,
        ingressAdmin: false,
        canPublish: true,
        canPublishSources: [TrackSource.MICROPHONE, TrackSource.CAMERA],
        canSubscribe: true,
        canPublishData: false, // left out it would be given
        canUpdateOwnMetadata: false,
        hidden: false,
        recorder: false,
        agent: false,
      });
      return { ...seated, engine: 'livekit', path: signalPath, token: await token.toJwt() };
    },
    whoIsIn: present,
    allRooms: () =>
      rooms.listRooms().then(
        (all) => all.map(({ name, sid }) => ({ name, sid })),
        () => null,
      ),
    withoutNumber: async (room, identity) =>
      void (await rooms.updateParticipant(room.name, identity, { name: nameless }).catch(gone)),
    putOut: (room, identity) => rooms.removeParticipant(room.name, identity).catch(gone),
    endRoom: (room) =>
      rooms.deleteRoom(room.name).then(
        () => true,
        (e: unknown) => isMissing(e),
      ),
    stop: () => looking.stop(),
  };

  async function present({ name }: RoomRef): Promise<Present[] | null> {
    try {
      const all = await rooms.listParticipants(name);
      return all.map(({ identity, kind, name: shown }) => ({
        identity,
        phone: kind === telephone,
        named: !['', nameless].includes(shown),
      }));
    } catch (e) {
      return isMissing(e) ? [] : null;
    }
  }
}

const isMissing = (e: unknown): boolean => (e as { status?: number }).status === 404;
function gone(e: unknown): void {
  if (!isMissing(e)) throw e;
}
