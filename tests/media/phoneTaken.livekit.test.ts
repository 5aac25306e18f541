import { randomUUID } from 'node:crypto';
import { dispose } from '@livekit/rtc-node';
import { returnCaller } from '@hearthline/server/commands/conversations/returnCaller';
import { endRooms } from '@hearthline/server/commands/media/endRooms';
import { staffAway, staffBack } from '@hearthline/server/commands/parties/staffPresence';
import { setChannels, setPeerState } from '@hearthline/server/commands/peers/workShift';
import { lookAtPhones } from '@hearthline/server/commands/phone/lookAtPhones';
import type { StaffActor } from '@hearthline/server/policies/actor';
import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { must } from '../support/line.ts';
import { startTestLivekit, type TestLivekit } from '../support/livekit.ts';
import { callLine, isOut, type CallLine } from './callers.ts';

/** A real LiveKit server; the telephone is a participant that its key says is one. */
let livekit: TestLivekit;
let line: CallLine;
beforeAll(async () => {
  livekit = await startTestLivekit();
});
afterAll(async () => {
  await livekit?.stop();
  await dispose();
});
const backSeconds = 60;
beforeEach(async () => {
  line = await callLine(livekit, { HEARTHLINE_PHONE: '1', HEARTHLINE_PEER_BACK_SECONDS: String(backSeconds) });
});
afterEach(() => line.close());

const takes = async (peer: StaffActor, ...channels: TalkChannel[]) =>
  must(await setChannels(line.deps, peer, { commandId: randomUUID(), channels }));
const dial = () => line.dial(`phone-test_+15550100_${randomUUID().slice(0, 12)}`);
const requests = async () =>
  (
    await line.deps.sql.query<{ state: string; class: number }>(
      'select state, class from request order by first_joined_at',
      [],
    )
  ).rows;
const why = async (action: string) =>
  (
    await line.deps.sql.query<{ detail: unknown }>('select detail from audit where action = $1 order by id', [action])
  ).rows.map((r) => r.detail);
/** As long ago as a caller waits for a lost peer, and a little more. */
const awayForLong = (peer: StaffActor) =>
  line.deps.sql.query('update peer_state set away_since = $2 where staff_id = $1', [
    peer.id,
    new Date(line.deps.clock.now().getTime() - backSeconds * 1000 - 1),
  ]);

test('[PH7][PH2] nobody on shift takes voice: the call ends at once and opens no request', async () => {
  await takes(await line.peer('Maya'), 'chat', 'video');
  const out = isOut(await dial());
  await lookAtPhones(line.deps);
  expect(await requests()).toEqual([]);
  expect(await why('phone.refused')).toEqual([{ why: 'line.nobodyHere' }]);
  await endRooms(line.deps);
  await out;
});

test('[PH7] the last one who takes voice takes it no more: the call ends at the next look; a break ends nothing', async () => {
  const maya = await line.peer('Maya', { available: false });
  await line.peer('Idris').then((idris) => takes(idris, 'chat'));
  const phone = await dial();
  await lookAtPhones(line.deps);
  await lookAtPhones(line.deps);
  expect(await requests()).toEqual([{ state: 'waiting', class: 1 }]);
  await takes(maya, 'chat');
  const out = isOut(phone);
  await lookAtPhones(line.deps);
  expect(await requests()).toEqual([{ state: 'lapsed', class: 1 }]);
  expect(await why('request.lapsed')).toEqual([{ why: 'notTaken' }]);
  await endRooms(line.deps);
  await out;
  await lookAtPhones(line.deps); // it is over, and not opened again
  expect(await requests()).toHaveLength(1);
});

test('[PH7][CO4] given back to the line by the loss of the only peer who takes voice: it ends, unless they are back in time', async () => {
  const maya = await line.signedInPeer('Maya');
  const idris = await line.peer('Idris');
  await takes(idris, 'chat');
  const phone = await dial();
  await lookAtPhones(line.deps);
  const conversationId = await line.accepted(maya);
  await staffAway(line.deps, maya.id);
  await lookAtPhones(line.deps);
  expect(phone.isConnected).toBe(true);
  expect(await requests()).toEqual([{ state: 'matched', class: 1 }]);

  await line.deps.sql.query(`update conversation set peer_lost_at = peer_lost_at - interval '61 seconds'`, []);
  must(await returnCaller(line.deps, conversationId));
  await lookAtPhones(line.deps); // lost a moment ago: they may be here again
  expect(await requests()).toEqual([{ state: 'waiting', class: 0 }]);
  await awayForLong(maya);
  await takes(idris, 'chat', 'voice'); // somebody else does now
  await lookAtPhones(line.deps);
  expect(await requests()).toEqual([{ state: 'waiting', class: 0 }]);
  await takes(idris, 'chat');
  await staffBack(line.deps, maya.id);
  await lookAtPhones(line.deps);
  expect(await requests()).toEqual([{ state: 'waiting', class: 0 }]);

  await staffAway(line.deps, maya.id);
  await awayForLong(maya);
  const out = isOut(phone);
  await lookAtPhones(line.deps);
  expect(await requests()).toEqual([{ state: 'lapsed', class: 0 }]);
  expect(await why('request.lapsed')).toEqual([{ why: 'notTaken' }]);
  await endRooms(line.deps);
  await out;
});

test('[PH7] whoever takes voice and is finishing takes nobody new', async () => {
  const maya = await line.peer('Maya');
  await dial();
  await lookAtPhones(line.deps);
  must(await setPeerState(line.deps, maya, randomUUID(), 'finishing'));
  await lookAtPhones(line.deps);
  expect(await requests()).toEqual([{ state: 'lapsed', class: 1 }]);
});
