import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { expect, test } from 'vitest';
import { startTestLivekit, type TestLivekit } from '../support/livekit.ts';

/** What LiveKit's first message names a browser to find its way with; addresses stand in it as plain text. */
async function named({ url, key, secret }: TestLivekit): Promise<string[]> {
  await new RoomServiceClient(url, key, secret).createRoom({ name: 'a' });
  const token = new AccessToken(key, secret, { identity: 'b', ttl: 60 });
  token.addGrant({ room: 'a', roomJoin: true });
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}/rtc?access_token=${await token.toJwt()}&protocol=15&sdk=js`);
  ws.binaryType = 'arraybuffer';
  const first = await new Promise<Buffer>((done, fail) => {
    ws.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => done(Buffer.from(data));
    ws.onerror = () => fail(new Error('LiveKit refused the socket'));
  });
  ws.close();
  return first.toString('latin1').match(/(?:stun|turn)s?:[\w.:[\]-]+/g) ?? [];
}

test.each([
  ['without a relay', false, /^stun:127\.0\.0\.1:\d+$/],
  ['with its own relay', true, /^(?:stun|turn):127\.0\.0\.1:\d+$/],
])('[S24] a browser in a call is sent to no host but our own, %s', async (_, turn, ours) => {
  const livekit = await startTestLivekit({ turn });
  const hosts = await named(livekit).finally(() => livekit.stop());
  expect(hosts.length).toBeGreaterThan(0); // none at all would be LiveKit's own choice
  for (const host of hosts) expect(host).toMatch(ours);
});
