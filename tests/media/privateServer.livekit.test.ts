import { statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterEach, expect, test, vi } from 'vitest';
import { livekitPlace, startLivekit } from '../../tools/services/livekit.mjs';
import { findLivekit } from '../../tools/services/livekitBinary.mjs';
import { startTestLivekit } from '../support/livekit.ts';
import { freshFolder, ROOT } from '../support/services.ts';

afterEach(() => void vi.unstubAllEnvs());

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const answers = (port: number, host: string): Promise<boolean> =>
  new Promise((done) => {
    const socket = createConnection({ port, host });
    socket.on('connect', () => (socket.destroy(), done(true)));
    socket.on('error', () => done(false));
  });
const others = Object.values(networkInterfaces()).flatMap((all) =>
  (all ?? []).flatMap(({ address, family, internal }) => (internal || family !== 'IPv4' ? [] : [address])),
);

test('the private server answers on loopback only, to its own key, and nothing of it is left', async () => {
  // of the machine, not for this server: it would look for its rooms there, and not start
  vi.stubEnv('REDIS_HOST', '127.0.0.1:1');
  const program = findLivekit(join(ROOT, '.tools'), { docker: false });
  if (!program) throw new Error('no LiveKit server: the runner must not have started this suite');
  const place = await livekitPlace({ data: freshFolder('livekit') });
  const started = await startLivekit(place, program);
  const { pid } = started.process;

  expect(await answers(place.port, '127.0.0.1')).toBe(true);
  for (const address of others)
    for (const port of [place.port, place.tcp]) expect(await answers(port, address), `${address}:${port}`).toBe(false);
  expect(await new RoomServiceClient(place.url, place.key, place.secret).listRooms()).toEqual([]);
  const stranger = new RoomServiceClient(place.url, place.key, 'x'.repeat(43));
  await expect(stranger.listRooms()).rejects.toMatchObject({ status: 401 });
  for (const file of ['livekit.yaml', 'key.json'])
    expect(statSync(join(place.data, file)).mode & 0o777, file).toBe(0o600);

  await started.stop();
  expect(isAlive(pid)).toBe(false);
  expect(await answers(place.port, '127.0.0.1')).toBe(false);
  expect(await livekitPlace({ data: place.data })).toMatchObject({ key: place.key, secret: place.secret });
});

test('after SIGKILL it comes back on the same ports with the same key, without its rooms', async () => {
  const livekit = await startTestLivekit();
  const rooms = new RoomServiceClient(livekit.url, livekit.key, livekit.secret);
  await rooms.createRoom({ name: 'a' });
  const first = livekit.pid();
  await livekit.kill();
  expect(isAlive(first)).toBe(false);
  await expect(rooms.listRooms()).rejects.toThrow();
  await livekit.restart();
  expect(livekit.pid()).not.toBe(first);
  expect(await rooms.listRooms()).toEqual([]);
  await livekit.stop();
  expect(isAlive(livekit.pid())).toBe(false);
});
