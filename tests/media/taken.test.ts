import { randomUUID } from 'node:crypto';
import { staffAway, staffBack } from '@hearthline/server/commands/parties/staffPresence';
import { endShift, setChannels, setPeerState } from '@hearthline/server/commands/peers/workShift';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { setRequestChannel } from '@hearthline/server/commands/requests/setChannel';
import { lineAnswer } from '@hearthline/server/http/pages';
import { callerView } from '@hearthline/server/presenters/callerView';
import { createPlaces, type PlaceTold } from '@hearthline/server/realtime/places';
import type { StaffActor } from '@hearthline/server/policies/actor';
import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine({}, { HEARTHLINE_CALLS: 'direct' });
});
afterEach(() => line.close());

const takes = async (peer: StaffActor, ...channels: TalkChannel[]) =>
  must(await setChannels(line.deps, peer, { commandId: randomUUID(), channels }));
const publicLine = async () => must(await lineAnswer(line.deps, 'test'));

test('[LN1][LN2] what is taken: by whoever is on shift and here, once each, in one order', async () => {
  const seen = async () => {
    const { open, taken } = await publicLine();
    return [open.state, ...taken];
  };
  expect(await seen()).toEqual(['nobodyHere']);
  const maya = await line.peer('Maya', { available: false }); // on a break: it is short
  await takes(maya, 'video', 'chat');
  expect(await seen()).toEqual(['open', 'chat', 'video']);
  const idris = await line.peer('Idris');
  await takes(idris, 'chat', 'voice');
  expect(await seen()).toEqual(['open', 'chat', 'voice', 'video']);
  await staffAway(line.deps, maya.id);
  expect(await seen()).toEqual(['open', 'chat', 'voice']);
  await staffBack(line.deps, maya.id);
  must(await setPeerState(line.deps, idris, randomUUID(), 'finishing'));
  expect(await seen()).toEqual(['open', 'chat', 'video']);
  must(await endShift(line.deps, maya, randomUUID()));
  expect(await seen()).toEqual(['nobodyHere']);
});

test('[LN2] nobody on shift takes what the line offers: it is not called open', async () => {
  await line.deps.sql.query(`update line set config = jsonb_set(config, '{channels}', '["chat"]')`, []);
  await line.deps.lines.load();
  const maya = await line.peer('Maya');
  await takes(maya, 'voice');
  expect(await publicLine()).toMatchObject({ open: { state: 'nobodyHere' }, taken: ['voice'] });
  await takes(maya, 'chat', 'voice');
  expect((await publicLine()).open.state).toBe('open');
});

test('[LN2] whoever waits for what nobody takes sees so, keeps the place and changes to what is taken', async () => {
  const maya = await line.peer('Maya');
  await takes(maya, 'chat');
  const caller = await line.caller();
  const { requestId } = must(await openRequest(line.deps, caller, 'voice'));
  expect(await callerView(line.deps, caller)).toMatchObject({
    stage: 'waiting',
    channel: 'voice',
    peersOnShift: 1,
    taken: ['chat'],
    place: 1,
  });
  expect(await offersMade(line.deps, line.lineId)).toBe(0);
  must(await setRequestChannel(line.deps, caller, { commandId: randomUUID(), channel: 'chat' }));
  expect(await callerView(line.deps, caller)).toMatchObject({ requestId, channel: 'chat', place: 1 });
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
});

test('[LN2][RQ6] what is taken is told while they wait, when it changes and not again', async () => {
  const maya = await line.peer('Maya', { available: false });
  const caller = await line.caller();
  must(await openRequest(line.deps, caller, 'voice'));
  await line.deps.queue.reconcileAll();
  const told: PlaceTold[] = [];
  const places = createPlaces(line.deps, (_, t) => void told.push(t));
  places.shown(caller.id, line.lineId, await callerView(line.deps, caller));
  const tell = async () => {
    await places.tellLine(line.lineId);
    return told.map((t) => [t.place, t.peersOnShift, ...t.taken]);
  };
  expect(await tell()).toEqual([]);
  await takes(maya, 'chat', 'video');
  expect(await tell()).toEqual([[1, 1, 'chat', 'video']]);
  expect(await tell()).toHaveLength(1);
  await takes(maya, 'chat', 'voice');
  expect((await tell()).slice(1)).toEqual([[1, 1, 'chat', 'voice']]);
});
