import { AccessToken } from 'livekit-server-sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testLine, type TestLine } from '../support/line.ts';
import { freePort, listener, served, upgrade } from './app.ts';

/** The way of signalling through our own port. What LiveKit makes of it is proven in the suites with a real one. */
const key = 'testkey';
const secret = 'a secret of the tests, long enough for livekit';
let line: TestLine;
let server: Awaited<ReturnType<typeof served>>;
let beyond: Awaited<ReturnType<typeof listener>>;
let token: string;
async function start(url: string, env: Record<string, string> = {}) {
  const media = { LIVEKIT_URL: url, LIVEKIT_API_KEY: key, LIVEKIT_API_SECRET: secret };
  line = await testLine({}, { PORT: String(await freePort()), ...media, ...env });
  server = await served(line.deps);
}
beforeEach(async () => {
  beyond = await listener();
  const made = new AccessToken(key, secret, { identity: 'x', ttl: 60 });
  made.addGrant({ room: 'a room', roomJoin: true });
  token = await made.toJwt();
});
afterEach(async () => {
  await server.stop();
  await line.close();
  await beyond.stop();
});
const signalled = () => beyond.asked.filter(({ path }) => path.startsWith('/rtc'));
const own = () => ({ origin: server.url });
const rtc = (more = '') => `/calls/rtc${more}?access_token=${token}`;

test('what is signalling of our own page goes on, with no cookie, no address and no origin', async () => {
  await start(beyond.url);
  const headers = { ...own(), cookie: 'hl_caller=secret', 'x-forwarded-for': '203.0.113.7', referer: server.url };
  expect((await upgrade(server.port, rtc(), headers)).status).toBe(503); // as the listener says
  expect((await upgrade(server.port, rtc('/v1'), headers)).status).toBe(503);
  expect(signalled().map(({ path }) => path)).toEqual([`/rtc?access_token=${token}`, `/rtc/v1?access_token=${token}`]);
  for (const asked of signalled())
    expect(Object.keys(asked.headers).sort()).toEqual([
      'connection',
      'host',
      'sec-websocket-key',
      'sec-websocket-version',
      'upgrade',
    ]);
});

test('[B27] nothing else of the media server can be reached, and nothing without a token that was signed', async () => {
  await start(beyond.url);
  const [head, claims] = token.split('.');
  const others = [
    '/calls',
    '/calls/',
    '/calls/twirp/livekit.RoomService/ListRooms',
    '/calls/rtc/../twirp/livekit.RoomService/DeleteRoom',
    '/calls/rtc%2f..%2ftwirp',
    '/calls//rtc',
    '/calls/rtc/v2',
    '/callsrtc',
    '/rtc',
    '//',
    'http://[',
    '/sockets',
  ];
  for (const path of others)
    expect((await upgrade(server.port, `${path}?access_token=${token}`, own())).status, path).toBe(0);
  for (const path of ['//', 'http://[', '*']) expect((await upgrade(server.port, path, own())).status, path).toBe(0);
  for (const bad of ['', 'x', `${head}.${claims}.`, `${token}x`])
    expect((await upgrade(server.port, `/calls/rtc?access_token=${bad}`, own())).status, bad).toBe(401);
  expect(signalled()).toEqual([]);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200); // and the server is still there
});

test('[S8] another page may not signal, nor ask why', async () => {
  await start(beyond.url);
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1'])
    expect((await upgrade(server.port, rtc(), { origin })).status, origin).toBe(0);
  expect((await upgrade(server.port, rtc())).status).toBe(0);
  const ask = (origin: string) => fetch(server.url + rtc('/validate'), { headers: { origin } });
  expect((await ask('https://evil.example')).status).toBe(404);
  expect(signalled()).toEqual([]);
  expect((await ask(server.url)).status).toBe(503);
  expect(signalled()).toHaveLength(1);
});

test('only asking is passed on over HTTP', async () => {
  await start(beyond.url);
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await fetch(server.url + rtc('/validate'), { method, headers: own() })).status, method).toBe(404);
  expect(signalled()).toEqual([]);
});

test('a media server that is not there: said at once', async () => {
  await start(`http://127.0.0.1:${await freePort()}`);
  const since = performance.now();
  expect((await upgrade(server.port, rtc(), own())).status).toBe(502);
  const answer = await fetch(server.url + rtc('/validate'), { headers: own() });
  expect([answer.status, ((await answer.json()) as { refusal: { code: string } }).refusal.code]).toEqual([
    503,
    'media.down',
  ]);
  expect(performance.now() - since).toBeLessThan(2000);
});

test('[S27] a flood of sockets of one session reaches the media server as often as connections are allowed', async () => {
  await start(beyond.url, { HEARTHLINE_CONNECTS_PER_MIN: '10' });
  const asked = await Promise.all(
    Array.from({ length: 100 }, () => upgrade(server.port, rtc(), { ...own(), cookie: 'hl_caller=one' })),
  );
  expect(asked.filter(({ status }) => status === 503)).toHaveLength(10);
  expect(asked.filter(({ status }) => status === 0)).toHaveLength(90);
  expect(signalled()).toHaveLength(10);
  expect((await upgrade(server.port, rtc(), { ...own(), cookie: 'hl_caller=two' })).status).toBe(503);
});
