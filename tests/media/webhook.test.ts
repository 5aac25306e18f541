import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until, type TestLine, testLine } from '../support/line.ts';
import { freePort, listener, served } from './app.ts';
import { signed, tell } from './hooks.ts';

/** The door for the media server's webhooks. What a hint leads to is proven in the suites with a real LiveKit. */
const signer = { key: 'testkey', secret: 'a secret of the tests, long enough for livekit' };
let line: TestLine;
let server: Awaited<ReturnType<typeof served>>;
let beyond: Awaited<ReturnType<typeof listener>>;
beforeEach(async () => {
  beyond = await listener();
  line = await testLine(
    {},
    {
      PORT: String(await freePort()),
      LIVEKIT_URL: beyond.url,
      LIVEKIT_API_KEY: signer.key,
      LIVEKIT_API_SECRET: signer.secret,
    },
  );
  server = await served(line.deps);
});
afterEach(async () => {
  await server.stop();
  await line.close();
  await beyond.stop();
});

/** A room that is looked at when somebody hints at it. */
async function openRoom(name: string): Promise<void> {
  const { conversationId } = await line.talk();
  await line.deps.sql.query(
    `insert into media_room (id, conversation_id, generation, name, sid, encrypted, opened_at) values (gen_random_uuid(), $1, 1, $2, 'RM_x', true, now())`,
    [conversationId, name],
  );
}
const looks = (name = 'ours') =>
  beyond.asked.filter(({ path, body }) => path.endsWith('/ListParticipants') && body.includes(`"${name}"`)).length;
const joined = (name: string) => ({ event: 'participant_joined', room: { name, sid: 'RM_x' } });
const status = async (answer: Promise<Response>) => (await answer).status;

test('[B26] a signed one is a hint: the room is looked at once, however often it is repeated', async () => {
  await openRoom('ours');
  await openRoom('another');
  const hook = await signed(signer, joined('ours'));
  expect(await status(tell(server.url, hook))).toBe(200);
  await until('a look', async () => looks() === 1);
  for (let n = 0; n < 5; n++) expect(await status(tell(server.url, hook))).toBe(200);
  expect(await status(tell(server.url, await signed(signer, joined('another'))))).toBe(200);
  await until('one after the other: whatever was before is done', async () => looks('another') === 1);
  expect(looks()).toBe(1);
  const next = await signed(signer, { ...joined('ours'), event: 'participant_left' });
  expect(await status(tell(server.url, next))).toBe(200);
  await until('the next look', async () => looks() === 2);
});

test('[B26] unsigned, wrongly signed, changed since, run out: refused, and nothing is looked at', async () => {
  await openRoom('ours');
  const hook = await signed(signer, joined('ours'));
  const refused = async (what: string, answer: Promise<Response>) => expect(await status(answer), what).toBe(401);
  await refused('unsigned', tell(server.url, { ...hook, authorization: '' }));
  await refused('no token', tell(server.url, { ...hook, authorization: 'Bearer x' }));
  const others = { key: signer.key, secret: 'another secret of the tests, as long as the other' };
  await refused('another secret', tell(server.url, await signed(others, joined('ours'))));
  await refused('another key', tell(server.url, await signed({ ...signer, key: 'other' }, joined('ours'))));
  await refused('one space more', tell(server.url, { ...hook, body: `${hook.body} ` }));
  await refused('another room', tell(server.url, { ...hook, body: hook.body.replace('ours', 'ourz') }));
  await refused('run out', tell(server.url, await signed(signer, joined('ours'), -120)));
  const { authorization } = await signed(signer, { event: 'x' });
  await refused('of another body', tell(server.url, { ...hook, authorization }));
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${hook.authorization.split('.')[1]}.`;
  await refused('alg none', tell(server.url, { ...hook, authorization: none }));
  expect(await status(tell(server.url, hook))).toBe(200); // the good one, last: a look before it would show
  await until('a look', async () => looks() > 0);
  expect(looks()).toBe(1);
});

test('[B26] 5 MB, packed, another type, no JSON, an unknown room, a page: none is a hint', async () => {
  await openRoom('ours');
  const big = await signed(signer, { ...joined('ours'), more: 'x'.repeat(5_000_000) });
  expect(await status(tell(server.url, big).catch(() => new Response(null, { status: 413 })))).toBe(413);
  const hook = await signed(signer, joined('ours'));
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
    expect(await status(tell(server.url, hook, { 'content-type': type })), type).toBe(401);
  const packed = fetch(`${server.url}/api/media/webhook`, {
    method: 'POST',
    body: gzipSync(hook.body),
    headers: {
      'content-type': 'application/webhook+json',
      'content-encoding': 'gzip',
      authorization: hook.authorization,
    },
  });
  expect(await status(packed)).toBe(400);
  for (const origin of ['https://evil.example', 'null', server.url])
    expect(await status(tell(server.url, hook, { origin })), origin).toBe(403);
  for (const event of [
    joined('theirs'),
    { event: 'room_finished' },
    joined(`x' or '1'='1`),
    { event: 'no such event' },
  ])
    expect(await status(tell(server.url, await signed(signer, event)))).toBe(200);
  expect(await status(tell(server.url, hook))).toBe(200);
  await until('a look', async () => looks() > 0);
  expect(looks()).toBe(1);
});

test('where there is no media server nothing listens', async () => {
  const plain = await testLine({}, { PORT: String(await freePort()) });
  const open = await served(plain.deps);
  expect(await status(tell(open.url, await signed(signer, joined('ours'))))).toBe(404);
  await open.stop();
  await plain.close();
});
