import { randomUUID } from 'node:crypto';
import { dispose } from '@livekit/rtc-node';
import { createReturnCode, redeemReturnCode } from '@hearthline/server/commands/callers/returnCode';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { changeRoom } from '@hearthline/server/commands/media/changeRoom';
import { endRooms } from '@hearthline/server/commands/media/endRooms';
import { putOutRemoved } from '@hearthline/server/commands/media/putOutRemoved';
import { reconcileRooms } from '@hearthline/server/commands/media/reconcileRooms';
import { takeSeat } from '@hearthline/server/commands/media/takeSeat';
import type { RoomRef } from '@hearthline/server/media/engine';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { reconcileCalls } from '@hearthline/server/due/reconcileCalls';
import { AccessToken } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { must, until } from '../support/line.ts';
import { startTestLivekit, type TestLivekit } from '../support/livekit.ts';
import { freePort, served, upgrade } from './app.ts';
import { callLine, isOut, type CallLine } from './callers.ts';

let livekit: TestLivekit;
let line: CallLine;
beforeAll(async () => {
  livekit = await startTestLivekit();
});
afterAll(async () => {
  await livekit?.stop();
  await dispose();
});
beforeEach(async () => {
  line = await callLine(livekit, { PORT: String(await freePort()) });
});
afterEach(() => line.close());

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown> & {
    video: Record<string, unknown>;
  };
/** The same token with other claims under the old signature, or not signed at all. */
function forged(token: string, over: (claims: ReturnType<typeof claimsOf>) => object, signature = true) {
  const [, , signed = ''] = token.split('.');
  const head = Buffer.from(JSON.stringify({ alg: signature ? 'HS256' : 'none', typ: 'JWT' })).toString('base64url');
  const body = Buffer.from(JSON.stringify(over(claimsOf(token)))).toString('base64url');
  return `${head}.${body}.${signature ? signed : ''}`;
}

test('[S28] a token says each grant: no data, no recording, no administration, microphone and camera only, 60 s', async () => {
  const { caller, conversationId } = await line.voiceTalk();
  const { token } = await line.seat(caller, conversationId);
  const { nbf, exp, sub, video, ...rest } = claimsOf(token);
  expect(Number(exp) - Math.floor(Date.now() / 1000)).toBeLessThanOrEqual(61);
  expect(Number(exp) - Number(nbf)).toBeLessThanOrEqual(61);
  expect(String(sub)).toMatch(new RegExp(`^${caller.id}\\.[\\w-]{12}$`));
  expect(video).toEqual({
    room: (await line.roomNow(conversationId))?.name,
    roomJoin: true,
    roomCreate: false,
    roomList: false,
    roomAdmin: false,
    roomRecord: false,
    ingressAdmin: false,
    canPublish: true,
    canPublishSources: ['microphone', 'camera'],
    canSubscribe: true,
    canPublishData: false,
    canUpdateOwnMetadata: false,
    hidden: false,
    recorder: false,
    agent: false,
  });
  expect(Object.keys(rest).filter((k) => !['iss', 'iat', 'jti'].includes(k))).toEqual([]);
});

test('[B27] no signature, added grants, another room, another key, run out: the media server refuses each', async () => {
  const { caller, conversationId } = await line.voiceTalk();
  const { token } = await line.seat(caller, conversationId);
  const refused = async (made: string | Promise<string>) => expect(await line.refused(await made)).not.toBe('in');
  await refused(forged(token, (c) => c, false));
  await refused(forged(token, (c) => ({ ...c, video: { ...c.video, roomAdmin: true, roomRecord: true } })));
  await refused(forged(token, (c) => ({ ...c, video: { ...c.video, room: 'another' } })));
  await refused(forged(token, (c) => ({ ...c, exp: Number(c['exp']) + 3600 })));
  const by = async (secret: string, room: string, ttl: number) => {
    const made = new AccessToken(livekit.key, secret, { identity: 'x', ttl });
    made.addGrant({ room, roomJoin: true });
    return made.toJwt();
  };
  const name = (await line.roomNow(conversationId))?.name ?? '';
  await refused(by('another secret of the tests, as long as the other', name, 60));
  await refused(by(livekit.secret, name, -120)); // the media server allows a minute of wrong clocks
  await refused(by(livekit.secret, 'a room that we have not made', 60));
  expect(await line.refused(token)).toBe('in');
});

test('[B27] through our own port: a good token is let in, one that is not signed does not come that far', async () => {
  const { caller, conversationId } = await line.voiceTalk();
  const { token, path } = await line.seat(caller, conversationId);
  const server = await served(line.deps);
  const by = (bearer: string) =>
    upgrade(server.port, `${path}/rtc?access_token=${bearer}&auto_subscribe=1&protocol=16`, { origin: server.url });
  const open = await by(token);
  expect(open.status).toBe(101);
  open.end();
  expect((await by(forged(token, (c) => c, false))).status).toBe(401);
  const validate = await fetch(`${server.url}${path}/rtc/validate?access_token=${forged(token, (c) => c, false)}`, {
    headers: { origin: server.url },
  });
  expect(validate.status).toBe(401); // as the media server says
  await server.stop();
});

test('[B27] what it does not grant the media server does not do: no data reaches anybody', async () => {
  const { caller, peer, conversationId } = await line.voiceTalk();
  const mine = await line.join(caller, conversationId);
  const theirs = await line.join(peer, conversationId);
  const heard: string[] = [];
  theirs.on('dataReceived', (data) => heard.push(Buffer.from(data).toString()));
  const admin = new AccessToken(livekit.key, livekit.secret, { identity: 'allowed', ttl: 60 });
  const name = (await line.roomNow(conversationId))?.name ?? '';
  admin.addGrant({ room: name, roomJoin: true, canPublishData: true });
  const allowed = await line.enter(await admin.toJwt());
  await mine.localParticipant?.publishData(Buffer.from('forbidden'), { reliable: true }).catch(() => {});
  await allowed.localParticipant?.publishData(Buffer.from('allowed'), { reliable: true });
  await until('the allowed word arrives', async () => heard.includes('allowed'));
  expect(heard).toEqual(['allowed']);
});

test('[ME2] joining again ends the earlier place of the same person, and nobody else’s', async () => {
  const { caller, peer, conversationId } = await line.voiceTalk();
  const first = await line.join(caller, conversationId);
  const other = await line.join(peer, conversationId);
  const out = isOut(first);
  const second = await line.join(caller, conversationId);
  await out;
  expect([second.isConnected, other.isConnected]).toEqual([true, true]);
  expect(await line.inRoom((await line.roomNow(conversationId))?.name ?? '')).toHaveLength(2);
});

test('[ME3][B27] after a removal: the next room, the old one is gone, the old token opens nothing', async () => {
  const { caller, peer, conversationId } = await line.voiceTalk();
  const { token } = await line.seat(peer, conversationId);
  const old = await line.enter(token);
  const before = await line.roomNow(conversationId);
  const out = isOut(old);
  must(await changeRoom(line.deps, conversationId, 1, 'removed'));
  await endRooms(line.deps);
  await out;
  expect(await line.inRoom(before?.name ?? '')).toEqual([]);
  expect(await line.refused(token)).not.toBe('in');
  await line.join(caller, conversationId);
  expect((await line.roomNow(conversationId))?.generation).toBe(2);
  expect(await line.refused(token)).not.toBe('in');
});

test('[ME6][B27] when the conversation ends everybody is out, and neither token nor door opens it again', async () => {
  const { caller, peer, conversationId } = await line.voiceTalk();
  const background = reconcileCalls(line.deps);
  const { token } = await line.seat(caller, conversationId);
  const rooms = [await line.enter(token), await line.join(peer, conversationId)];
  const out = rooms.map(isOut);
  const since = performance.now();
  must(await endConversation(line.deps, peer, { commandId: randomUUID(), conversationId, reason: 'finished' }));
  await Promise.all(out);
  expect(performance.now() - since).toBeLessThan(3000);
  await background.stop();
  expect(await line.refused(token)).not.toBe('in');
  expect(await takeSeat(line.deps, caller, { conversationId, canEncrypt: true })).toEqual({
    ok: false,
    code: 'conversation.ended',
  });
});

test('[ME5] whoever was never let in is put out within 15 s and written down; everybody else moves on', async () => {
  const { caller, conversationId } = await line.voiceTalk();
  await line.join(caller, conversationId);
  const background = reconcileCalls(line.deps);
  const name = (await line.roomNow(conversationId))?.name ?? '';
  const made = new AccessToken(livekit.key, livekit.secret, { identity: randomUUID(), ttl: 60 });
  made.addGrant({ room: name, roomJoin: true });
  const stranger = await line.enter(await made.toJwt());
  const since = performance.now();
  await isOut(stranger);
  expect(performance.now() - since).toBeLessThan(15_000);
  await until('the next room', async () => (await line.roomNow(conversationId))?.generation === 2);
  expect([await line.audited('media.strangerPutOut'), await line.audited('media.roomChanged')]).toEqual([1, 1]);
  await line.join(caller, conversationId);
  await until('the old room is gone', async () => (await line.inRoom(name)).length === 0);
  await background.stop();
});

test('[ME5] an earlier page of somebody who is in it is no stranger: put out, and nobody moves', async () => {
  const { caller, conversationId } = await line.voiceTalk();
  const theirs = await line.join(caller, conversationId);
  const name = (await line.roomNow(conversationId))?.name ?? '';
  const made = new AccessToken(livekit.key, livekit.secret, { identity: `${caller.id}.earlier00000`, ttl: 60 });
  made.addGrant({ room: name, roomJoin: true });
  const earlier = await line.enter(await made.toJwt());
  const out = isOut(earlier);
  await reconcileRooms(line.deps, name);
  await out;
  expect(theirs.isConnected).toBe(true);
  expect((await line.roomNow(conversationId))?.generation).toBe(1);
  expect(await line.audited('media.strangerPutOut')).toBe(0);
});

test('[ME7][S3] a suspended peer is out of the call within 5 s, and their token opens nothing; the caller moves on', async () => {
  const { caller, peer, conversationId } = await line.voiceTalk();
  const { token } = await line.seat(peer, conversationId);
  const theirs = await line.enter(token);
  await line.join(caller, conversationId);
  const background = reconcileCalls(line.deps);
  const since = performance.now();
  await line.deps.sql.query('update staff set suspended_at = now() where id = $1', [peer.id]);
  await isOut(theirs);
  expect(performance.now() - since).toBeLessThan(5000);
  await background.stop();
  expect(await line.refused(token)).not.toBe('in');
  expect((await line.roomNow(conversationId))?.generation).toBe(2);
  expect(await line.audited('media.removed')).toBe(1);
  await line.join(caller, conversationId);
});

test('[ME7][S3] a media server that hangs at the end of a room holds up no removal', async () => {
  const { peer, conversationId } = await line.voiceTalk();
  const over = await line.voiceTalk();
  await line.seat(over.caller, over.conversationId);
  must(await changeRoom(line.deps, over.conversationId, 1, 'removed'));
  const theirs = await line.join(peer, conversationId);
  const name = (await line.roomNow(conversationId))?.name;
  const hung: (() => void)[] = [];
  const { media } = line.deps;
  const endRoom = (room: RoomRef) =>
    room.name === name ? media.endRoom(room) : new Promise<boolean>((done) => hung.push(() => done(false)));
  const background = reconcileCalls({ ...line.deps, media: { ...media, endRoom } });
  await until('it hangs', async () => hung.length > 0);
  const since = performance.now();
  await line.deps.sql.query('update staff set suspended_at = now() where id = $1', [peer.id]);
  await isOut(theirs);
  expect(performance.now() - since).toBeLessThan(5000);
  for (const end of hung) end();
  await background.stop();
});

test('[ME5] with more rooms open than one question asks for, the newest are compared too', async () => {
  const { conversationId, caller } = await line.voiceTalk();
  await line.seat(caller, conversationId);
  const room = await line.roomNow(conversationId);
  await line.deps.sql.query(
    `with calls as (
       insert into conversation select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'state', 'ended',
         'ended_at', now(), 'ended_by', 'system', 'end_reason', 'away'))).*
       from conversation c, generate_series(1, 450) where c.id = $1 returning id)
     insert into media_room (id, conversation_id, generation, name, sid, encrypted, opened_at)
     select gen_random_uuid(), id, 1, 'r' || id, 'RM', false, now() - interval '1 hour' from calls`,
    [conversationId],
  );
  const asked: string[] = [];
  const { media } = line.deps;
  const whoIsIn = async ({ name }: RoomRef) => (asked.push(name), []);
  await reconcileRooms({ ...line.deps, media: { ...media, whoIsIn } });
  expect(asked).toContain(room?.name);
  expect([asked.length, new Set(asked).size]).toEqual([451, 451]);
});

test.each([
  ['without the role', `update staff set roles = '{administrator}' where id = $1`],
  ['signed out everywhere', `delete from auth_session where "userId" = (select auth_user_id from staff where id = $1)`],
])('[ME7][S3] a peer who is %s is out of the call', async (_what, sql) => {
  const { caller, peer, conversationId } = await line.voiceTalk();
  const { token } = await line.seat(peer, conversationId);
  const theirs = await line.enter(token);
  await line.join(caller, conversationId);
  const name = (await line.roomNow(conversationId))?.name ?? '';
  expect(await putOutRemoved(line.deps)).toBe(0);
  await line.deps.sql.query(sql, [peer.id]);
  const out = isOut(theirs);
  expect(await putOutRemoved(line.deps)).toBe(1);
  expect(await line.rooms.listRooms([name])).toEqual([]); // gone already: no moment in which the token opens it
  await out;
  expect(await putOutRemoved(line.deps)).toBe(0);
});

test('[ME7][S12] a return code used elsewhere puts the old page out of the call', async () => {
  const { caller, conversationId } = await line.voiceTalk();
  const old = await line.join(caller, conversationId);
  const { code } = must(await createReturnCode(line.deps, caller));
  expect(await putOutRemoved(line.deps)).toBe(0);
  must(await redeemReturnCode(line.deps, code));
  const out = isOut(old);
  expect(await putOutRemoved(line.deps)).toBe(1);
  await out;
  await line.join(caller, conversationId);
  expect(await putOutRemoved(line.deps)).toBe(0);
});

test('[ME3][F30] a media server that died and came back empty has forgotten the room: the next one is made', async () => {
  const { caller, peer, conversationId } = await line.voiceTalk();
  const { token } = await line.seat(caller, conversationId);
  await line.enter(token);
  await livekit.kill();
  await until('it is noticed', async () => line.deps.media.calls().state === 'down');
  expect(await takeSeat(line.deps, peer, { conversationId, canEncrypt: true })).toEqual({
    ok: false,
    code: 'media.down',
  });
  expect(await openRequest(line.deps, await line.caller(), 'voice')).toEqual({ ok: false, code: 'media.down' });
  await livekit.restart();
  await until('it is noticed', async () => line.deps.media.calls().state === 'livekit');
  expect(await line.refused(token)).not.toBe('in');
  await line.join(caller, conversationId);
  await line.join(peer, conversationId);
  const now = await line.roomNow(conversationId);
  expect(now?.generation).toBe(2);
  expect(await line.inRoom(now?.name ?? '')).toHaveLength(2);
});
