import { randomUUID } from 'node:crypto';
import { dispose } from '@livekit/rtc-node';
import { proposeChannel } from '@hearthline/server/commands/channels/changeChannel';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { returnCaller } from '@hearthline/server/commands/conversations/returnCaller';
import { endRooms } from '@hearthline/server/commands/media/endRooms';
import { putOutRemoved } from '@hearthline/server/commands/media/putOutRemoved';
import { reconcileRooms } from '@hearthline/server/commands/media/reconcileRooms';
import { staffAway } from '@hearthline/server/commands/parties/staffPresence';
import { setPeerState } from '@hearthline/server/commands/peers/workShift';
import { lookAtPhones } from '@hearthline/server/commands/phone/lookAtPhones';
import { sweepPresence } from '@hearthline/server/due/presenceSweep';
import { deskView } from '@hearthline/server/presenters/deskView';
import type { StaffActor } from '@hearthline/server/policies/actor';
import { presenceEpochKey } from '@hearthline/server/storage/redis/keys';
import { AccessToken } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { must, offersMade, until } from '../support/line.ts';
import { startTestLivekit, type TestLivekit } from '../support/livekit.ts';
import { callLine, isOut, type CallLine } from './callers.ts';

/** A real LiveKit server; the telephone is a participant that its key says is one, as LiveKit's SIP service joins them. */
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
  line = await callLine(livekit, { HEARTHLINE_PHONE: '1', HEARTHLINE_PEER_BACK_SECONDS: '0.001' });
});
afterEach(() => line.close());

const roomName = () => `phone-test_+15550100_${randomUUID().slice(0, 12)}`;
const command = () => ({ commandId: randomUUID() });
type Request = {
  id: string;
  caller_id: string;
  channel: string;
  state: string;
  class: number;
  absent_since: Date | null;
};
const requests = async () =>
  (
    await line.deps.sql.query<Request>(
      'select id, caller_id, channel, state, class, absent_since from request order by first_joined_at',
      [],
    )
  ).rows;
const talks = async () =>
  (
    await line.deps.sql.query<{ id: string; state: string; ended_by: string; end_reason: string }>(
      'select id, state, ended_by, end_reason from conversation order by started_at',
      [],
    )
  ).rows;

/** Somebody on the telephone, and a peer who talks with them. */
async function phoneTalk() {
  const peer = await line.signedInPeer('Maya');
  const name = roomName();
  const phone = await line.dial(name);
  await lookAtPhones(line.deps);
  const conversationId = await line.accepted(peer);
  return { peer, name, phone, conversationId };
}

test('[PH1][PH3] a telephone opens one request in the same line, whoever notices it; consent is that which was spoken', async () => {
  await line.peer('Maya', { available: false });
  const name = roomName();
  await line.dial(name);
  await Promise.all([lookAtPhones(line.deps), lookAtPhones(line.deps, name), reconcileRooms(await line.node(), name)]);
  await lookAtPhones(line.deps);
  const [request, ...more] = await requests();
  expect(request).toMatchObject({ channel: 'phone', state: 'waiting', class: 1 });
  expect(more).toEqual([]);
  const { rows } = await line.deps.sql.query('select version, given from consent where caller_id = $1', [
    request?.caller_id,
  ]);
  expect(rows).toEqual([{ version: 1, given: 'spoken' }]);
  const callers = await line.deps.sql.query('select id from caller', []);
  expect(callers.rows).toHaveLength(1);
  expect(await line.audited('request.opened')).toBe(1);
});

test('[PH1] only the media server can say that somebody is on the telephone', async () => {
  await line.peer('Maya', { available: false });
  const name = roomName();
  await line.rooms.createRoom({ name });
  const token = new AccessToken(livekit.key, livekit.secret, { identity: 'sip_x', ttl: 60 });
  token.addGrant({ room: name, roomJoin: true });
  const pretender = await line.enter(await token.toJwt());
  await lookAtPhones(line.deps);
  expect(await requests()).toEqual([]);
  expect(pretender.isConnected).toBe(true); // there is no talk in it, nor anybody to hear
});

test('a room is there for a telephone only where the media server makes rooms by itself (docs/phone.md)', async () => {
  const token = new AccessToken(livekit.key, livekit.secret, { identity: 'sip_x', ttl: 60 });
  token.kind = 'sip';
  token.addGrant({ room: roomName(), roomJoin: true }); // as LiveKit's SIP service asks
  expect(await line.refused(await token.toJwt())).toMatch(/does not exist/);
});

test('[PH5] the peer joins the room in which the telephone waits; it is not encrypted, and the desk knows why', async () => {
  const { peer, name, phone, conversationId } = await phoneTalk();
  expect((await deskView(line.deps, peer)).conversations[0]).toMatchObject({
    channel: 'phone',
    room: { generation: 1, encrypted: false },
  });
  const seat = await line.seat(peer, conversationId);
  expect(seat.encrypted).toBe(false);
  await line.enter(seat.token);
  expect(await line.roomNow(conversationId)).toMatchObject({ name, generation: 1, encrypted: false });
  await until('they are in one room', async () => phone.remoteParticipants.size === 1);
  await reconcileRooms(line.deps);
  expect(await line.inRoom(name)).toHaveLength(2);
  expect(await line.audited('media.strangerPutOut')).toBe(0);
});

test('[CH8] a telephone has one channel', async () => {
  const { peer, conversationId } = await phoneTalk();
  for (const channel of ['chat', 'voice', 'video'] as const)
    expect(await proposeChannel(line.deps, peer, { ...command(), conversationId, channel })).toEqual({
      ok: false,
      code: 'channel.phone',
    });
});

test('[PH4] hung up while waiting, while being offered, while talking: no place is held', async () => {
  const waiting = await line.dial(roomName());
  await line.peer('Idris', { available: false });
  await lookAtPhones(line.deps);
  await waiting.disconnect();
  await lookAtPhones(line.deps);
  expect((await requests()).map((r) => r.state)).toEqual(['left']);

  const maya = await line.peer('Maya');
  const offered = await line.dial(roomName());
  await lookAtPhones(line.deps);
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  await offered.disconnect();
  await lookAtPhones(line.deps);
  expect((await requests()).map((r) => r.state)).toEqual(['left', 'left']);
  expect((await deskView(line.deps, maya)).offers).toEqual([]);

  const talking = await line.dial(roomName());
  await lookAtPhones(line.deps);
  await line.accepted(maya);
  await talking.disconnect();
  await lookAtPhones(line.deps);
  expect(await talks()).toMatchObject([{ state: 'ended', ended_by: 'caller', end_reason: 'hungUp' }]);
  expect((await deskView(line.deps, maya)).conversations[0]?.state).toBe('wrapUp');
  expect((await requests()).map((r) => r.state)).toEqual(['left', 'left', 'closed']);
  await endRooms(line.deps);
  expect((await line.rooms.listRooms()).map((r) => r.name)).toEqual([]);
});

test('[PH4] the peer hangs up: the telephone is disconnected, and the room is gone', async () => {
  const { peer, name, phone, conversationId } = await phoneTalk();
  const out = isOut(phone);
  must(await endConversation(line.deps, peer, { ...command(), conversationId, reason: 'finished' }));
  await endRooms(line.deps);
  await out;
  expect(await line.rooms.listRooms([name])).toEqual([]);
  await lookAtPhones(line.deps);
  expect(await requests()).toHaveLength(1);
});

test('[PH5][CO4] the peer is lost: the telephone stays, alone, at the head of the line, and the next peer comes to it', async () => {
  const { peer, name, phone, conversationId } = await phoneTalk();
  const token = (await line.seat(peer, conversationId)).token;
  const lost = await line.enter(token);
  await staffAway(line.deps, peer.id);
  await until('back in line', async () => {
    await returnCaller(line.deps, conversationId);
    return (await requests())[0]?.state === 'waiting';
  });
  expect((await requests())[0]).toMatchObject({ class: 0, absent_since: null });
  const out = isOut(lost);
  await endRooms(line.deps);
  await out;
  expect(phone.isConnected).toBe(true);
  const again = await line.enter(token); // the old token is still good for the media server, for a minute
  await lookAtPhones(line.deps, name);
  await isOut(again);
  expect(phone.isConnected).toBe(true);
  const next = await line.signedInPeer('Idris');
  const second = await line.accepted(next);
  await line.join(next, second);
  await until('they are in one room', async () => phone.remoteParticipants.size === 1);
  expect(await line.roomNow(second)).toMatchObject({ name, generation: 1, encrypted: false });
});

test('[PH5][ME7] a suspended peer is put out, the telephone is not', async () => {
  const { peer, phone, conversationId } = await phoneTalk();
  const theirs = await line.join(peer, conversationId);
  await line.deps.sql.query('update staff set suspended_at = now() where id = $1', [peer.id]);
  const out = isOut(theirs);
  expect(await putOutRemoved(line.deps)).toBe(1);
  await out;
  expect(phone.isConnected).toBe(true);
  expect((await talks())[0]?.state).toBe('live'); // and goes back to the line as when a peer is lost
});

test('[PH5] a stranger in the room of a telephone is put out and written down, the telephone and the peer stay', async () => {
  const { peer, name, phone, conversationId } = await phoneTalk();
  const theirs = await line.join(peer, conversationId);
  const token = new AccessToken(livekit.key, livekit.secret, { identity: 'stranger', ttl: 60 });
  token.addGrant({ room: name, roomJoin: true });
  const stranger = await line.enter(await token.toJwt());
  const out = isOut(stranger);
  await reconcileRooms(line.deps, name);
  await out;
  expect([phone.isConnected, theirs.isConnected]).toEqual([true, true]);
  expect(await line.audited('media.strangerPutOut')).toBe(1);
  expect((await line.roomNow(conversationId))?.generation).toBe(1);
});

test('[PH2] nobody on shift, or no such line: the call ends at once and is written down without a number', async () => {
  const refused = await line.dial(roomName());
  const other = await line.dial(`phone-another_+15550199_${randomUUID().slice(0, 12)}`);
  const out = [isOut(refused), isOut(other)];
  await lookAtPhones(line.deps);
  await endRooms(line.deps);
  await Promise.all(out);
  expect(await requests()).toEqual([]);
  expect(await line.audited('phone.refused')).toBe(1);
});

test('[PH6] nothing that we keep says who calls, and others in the room see no digits', async () => {
  const { peer, name, conversationId } = await phoneTalk();
  const seen = await line.join(peer, conversationId);
  await until('the name is without digits', async () =>
    [...seen.remoteParticipants.values()].every((p) => p.name === 'phone'),
  );
  const { rows } = await line.deps.sql.query<{ table: string }>(
    `select quote_ident(table_name) as table from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    [],
  );
  expect(rows.length).toBeGreaterThan(20);
  const kept = async (what: string) => {
    for (const { table } of rows) {
      const found = await line.deps.sql.query(`select 1 from ${table} t where t::text like '%' || $1 || '%' limit 1`, [
        what,
      ]);
      if (found.rowCount > 0) return table;
    }
    return null;
  };
  expect(await kept('4711')).toBeNull();
  expect(await kept('sip_0123456789abcdef')).toBeNull();
  expect(await kept(name)).toMatch(/phone_call|media_room/); // and it would be found
});

test('[PH4][F30] while the media server is away nobody is taken for gone; come back empty it has hung up everybody', async () => {
  const { peer } = await phoneTalk();
  await livekit.kill();
  await lookAtPhones(line.deps);
  expect((await talks())[0]?.state).toBe('live');
  await livekit.restart();
  await lookAtPhones(line.deps);
  expect(await talks()).toMatchObject([{ state: 'ended', end_reason: 'hungUp' }]);
  expect((await deskView(line.deps, peer)).conversations[0]?.state).toBe('wrapUp');
});

test('[PH4] a telephone has no page, and is not taken for absent', async () => {
  const maya = await line.peer('Maya');
  const start = async (peer: StaffActor, state: 'available' | 'break') =>
    must(await setPeerState(line.deps, peer, randomUUID(), state));
  await start(maya, 'break');
  await line.dial(roomName());
  await lookAtPhones(line.deps);
  await line.deps.redis.set(presenceEpochKey, '1');
  await line.deps.sql.query(`update request set first_joined_at = now() - interval '1 hour'`, []);
  await sweepPresence(line.deps);
  expect((await requests())[0]).toMatchObject({ state: 'waiting', absent_since: null });
});

test('[ME6] a room that is over and was made anew by the media server is ended again; others are left alone', async () => {
  const { peer, caller, conversationId } = await line.voiceTalk();
  await line.seat(caller, conversationId);
  const name = (await line.roomNow(conversationId))?.name ?? '';
  must(await endConversation(line.deps, peer, { ...command(), conversationId, reason: 'finished' }));
  await endRooms(line.deps);
  await line.rooms.createRoom({ name });
  await line.rooms.createRoom({ name: 'of somebody else' });
  await reconcileRooms(line.deps);
  expect((await line.rooms.listRooms([name, 'of somebody else'])).map((r) => r.name)).toEqual(['of somebody else']);
  await line.rooms.deleteRoom('of somebody else');
});
