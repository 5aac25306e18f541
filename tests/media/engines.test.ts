import { randomUUID } from 'node:crypto';
import { proposeChannel } from '@hearthline/server/commands/channels/changeChannel';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { setRequestChannel } from '@hearthline/server/commands/requests/setChannel';
import { readConfig } from '@hearthline/server/config';
import { callerView } from '@hearthline/server/presenters/callerView';
import { afterEach, expect, test } from 'vitest';
import { must, testLine, until, type TestLine } from '../support/line.ts';
import { freePort } from './app.ts';

let line: TestLine;
afterEach(() => line.close());

const turn = { HEARTHLINE_TURN_URLS: 'turn:127.0.0.1:3478', HEARTHLINE_TURN_SECRET: 'a secret of the tests' };
const livekit = { LIVEKIT_API_KEY: 'testkey', LIVEKIT_API_SECRET: 'a secret of the tests, long enough for livekit' };
const origin = { HEARTHLINE_ORIGIN: 'https://line.example.org' };
const direct = (exposesAddress: boolean) => ({ state: 'direct', exposesAddress });
const off = { state: 'off', exposesAddress: false };
test.each([
  ['a demo', {}, direct(true)],
  ['a demo with a relay', turn, direct(false)],
  ['a real line with a relay', { ...origin, ...turn }, direct(false)],
  ['a real line', origin, off],
  ['a real line whose administrator wants it', { ...origin, HEARTHLINE_CALLS: 'direct' }, direct(true)],
  ['turned off', { ...turn, HEARTHLINE_CALLS: 'off' }, off],
])('[V4] what carries calls: %s', async (_what, env, calls) => {
  line = await testLine({}, env);
  expect(line.deps.media.calls()).toEqual(calls);
});

async function whileDown() {
  line = await testLine({}, { ...livekit, LIVEKIT_URL: `http://127.0.0.1:${await freePort()}` });
  await until('it is noticed', async () => line.deps.media.calls().state === 'down', 2000);
}
const command = () => ({ commandId: randomUUID() });
const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';

test('[ME8] a media server that cannot be reached is known within 2 s of the start; a call is refused at once, text is not', async () => {
  await whileDown();
  await line.peer('Maya');
  const caller = await line.caller();
  for (const channel of ['voice', 'video'] as const)
    expect(await code(openRequest(line.deps, caller, channel))).toBe('media.down');
  expect(await callerView(line.deps, caller)).toMatchObject({ stage: 'ready' });
  must(await openRequest(line.deps, caller, 'chat'));
  expect(await callerView(line.deps, caller)).toMatchObject({ stage: 'waiting', calls: { state: 'down' } });
  expect(await code(setRequestChannel(line.deps, caller, { ...command(), channel: 'voice' }))).toBe('media.down');
  expect(await callerView(line.deps, caller)).toMatchObject({ stage: 'waiting', channel: 'chat' });
});

test('[ME8] who waits for a call already goes on waiting, may change to text, and is answered with the same request', async () => {
  await whileDown();
  await line.peer('Maya');
  const caller = await line.caller();
  const { requestId } = must(await openRequest(line.deps, caller, 'chat'));
  await line.deps.sql.query(`update request set channel = 'voice' where id = $1`, [requestId]);
  expect(must(await openRequest(line.deps, caller, 'voice')).requestId).toBe(requestId);
  must(await setRequestChannel(line.deps, caller, { ...command(), channel: 'chat' }));
  expect(await callerView(line.deps, caller)).toMatchObject({ stage: 'waiting', requestId, channel: 'chat' });
});

test('[ME8] in a talk a call is not even asked for', async () => {
  await whileDown();
  const { caller, conversationId } = await line.talk();
  expect(await code(proposeChannel(line.deps, caller, { ...command(), conversationId, channel: 'voice' }))).toBe(
    'media.down',
  );
});

test('telephone calls without a media server stop the boot and are named', async () => {
  line = await testLine();
  const env = { DATABASE_URL: 'x', REDIS_URL: 'x', HEARTHLINE_SECRET: 'a secret of the tests, long enough for all' };
  expect(() => readConfig({ ...env, HEARTHLINE_PHONE: '1' })).toThrow('HEARTHLINE_PHONE');
  const served = { ...env, ...livekit, LIVEKIT_URL: 'http://127.0.0.1:1', HEARTHLINE_PHONE: '1' };
  expect(() => readConfig({ ...served, HEARTHLINE_CALLS: 'direct' })).toThrow('HEARTHLINE_PHONE');
  expect(readConfig(served).media.phone).toBe(true);
});
