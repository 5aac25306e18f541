import { randomUUID } from 'node:crypto';
import { Room, RoomEvent } from '@livekit/rtc-node';
import { createAuth } from '@hearthline/server/auth/auth';
import { takeSeat } from '@hearthline/server/commands/media/takeSeat';
import { acceptOffer } from '@hearthline/server/commands/offers/answerOffer';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import type { MediaSeat } from '@hearthline/shared/contracts/media';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { must, offersMade, testLine } from '../support/line.ts';
import type { TestLivekit } from '../support/livekit.ts';

export type Who = CallerActor | StaffActor;

/** A line whose calls are carried by this media server, and what tests do with it. */
export async function callLine(livekit: TestLivekit, env: Record<string, string> = {}) {
  const { url, key, secret } = livekit;
  const media = { LIVEKIT_URL: url, LIVEKIT_API_KEY: key, LIVEKIT_API_SECRET: secret };
  const line = await testLine({}, { ...media, ...env });
  const { deps } = line;
  const rooms = new RoomServiceClient(url, key, secret);
  const open: Room[] = [];

  /** @throws why the media server does not let them in. */
  async function enter(token: string): Promise<Room> {
    const room = new Room();
    await room.connect(url, token, { autoSubscribe: true, dynacast: false });
    open.push(room);
    return room;
  }
  const seat = async (who: Who, conversationId: string): Promise<Extract<MediaSeat, { engine: 'livekit' }>> => {
    const taken = must(await takeSeat(deps, who, { conversationId, canEncrypt: true }));
    if (taken.engine !== 'livekit') throw new Error(taken.engine);
    return taken;
  };
  const roomNow = async (conversationId: string) => {
    const { rows } = await deps.sql.query<{ name: string; sid: string; generation: number; encrypted: boolean }>(
      'select name, sid, generation, encrypted from media_room where conversation_id = $1 and closed_at is null',
      [conversationId],
    );
    return rows[0];
  };

  return {
    ...line,
    rooms,
    enter,
    seat,
    roomNow,
    /** @returns why the media server did not let them in, or `in`. */
    refused: (token: string) =>
      enter(token).then(
        () => 'in',
        (e: Error) => e.message,
      ),
    /** A peer who is signed in, as a session of the sign-in library says it. */
    async signedInPeer(name: string): Promise<StaffActor & { userId: string }> {
      const peer = await line.peer(name);
      const { secret, origin, port } = deps.config;
      const { internalAdapter } = await createAuth({ pool: deps.pool, secret, origin, port }).$context;
      const { id } = await internalAdapter.createUser(
        { email: `${peer.id}@example.invalid`, name, emailVerified: true },
        { method: 'email-password' },
      );
      await internalAdapter.createSession(id);
      await deps.sql.query('update staff set auth_user_id = $2 where id = $1', [peer.id, id]);
      return { ...peer, userId: id };
    },
    /** Accepts the one pending offer of this peer, after a look of the matcher. */
    async accepted(peer: StaffActor): Promise<string> {
      await offersMade(deps, line.lineId);
      const { rows } = await deps.sql.query<{ id: string }>(
        `select id from offer where peer_id = $1 and state = 'pending'`,
        [peer.id],
      );
      return must(await acceptOffer(deps, peer, { commandId: randomUUID(), offerId: rows[0]?.id ?? '' }))
        .conversationId;
    },
    async voiceTalk() {
      const peer = await this.signedInPeer('Maya');
      const caller = await line.caller();
      must(await openRequest(deps, caller, 'voice'));
      return { peer, caller, conversationId: await this.accepted(peer) };
    },
    async join(who: Who, conversationId: string): Promise<Room> {
      return enter((await seat(who, conversationId)).token);
    },
    /** Who the media server has in the room of this name; none when there is no such room. */
    async inRoom(name: string): Promise<string[]> {
      const all = await rooms.listParticipants(name).catch((e: { status?: number }) => {
        if (e.status === 404) return [];
        throw e;
      });
      return all.map((p) => p.identity).sort();
    },
    /** Somebody on the telephone, as LiveKit's SIP service joins them: a token of the same key that says so. */
    async dial(name: string, identity = 'sip_0123456789abcdef'): Promise<Room> {
      await rooms.createRoom({ name });
      const token = new AccessToken(key, secret, { identity, name: 'Phone 4711', ttl: 600 });
      token.kind = 'sip';
      token.addGrant({ room: name, roomJoin: true, canPublish: true, canSubscribe: true });
      return enter(await token.toJwt());
    },
    async audited(action: string): Promise<number> {
      const { rows } = await deps.sql.query<{ n: number }>('select count(*)::int as n from audit where action = $1', [
        action,
      ]);
      return rows[0]?.n ?? -1;
    },
    async close() {
      await Promise.all(open.map((room) => room.disconnect().catch(() => {})));
      for (const { name } of await rooms.listRooms()) await rooms.deleteRoom(name); // the next test has the same server
      await line.close();
    },
  };
}
export type CallLine = Awaited<ReturnType<typeof callLine>>;

/** Resolves with the reason when this participant is out. */
export const isOut = (room: Room): Promise<number> =>
  room.isConnected ? new Promise((done) => room.once(RoomEvent.Disconnected, done)) : Promise.resolve(-1);
