import { randomUUID } from 'node:crypto';
import { fromBase32, totp } from '@hearthline/server/auth/totp';
import type { DeskView } from '@hearthline/shared/contracts/views';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect } from '../support/sockets.ts';
import { visitor, type Visitor } from '../support/visitor.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ servers: 2, workers: 0, seed: true, env: raisedLimits });
});
afterAll(() => stack.stop());

const codeOf = (secret: string | null) => totp(fromBase32(secret ?? ''), new Date()).code;
const wrong = (code: string) => String((Number(code) + 500_000) % 1_000_000).padStart(6, '0');
const asked = { conversationId: randomUUID(), after: 0 };

async function desk(who: Visitor, url: string) {
  const connected = await connect(who, 'staff', { url, tab: randomUUID() });
  if (!connected) throw new Error('the handshake was refused');
  const { socket } = connected;
  let locked: boolean | null = null;
  socket.on('desk.view', (v: DeskView) => (locked = v.me.locked));
  locked = ((await socket.emitWithAck('desk.view', {})) as { value: DeskView }).value.me.locked;
  return { socket, shows: (want: boolean) => expect.poll(() => locked, { timeout: 5000 }).toBe(want) };
}
const codeAt = async (who: Visitor, door: string, input: unknown) => {
  const { body } = await who.door(door, input, { 'x-as': 'staff' });
  const answer = body as { ok: boolean; refusal?: { code: string } };
  return answer.ok ? 'ok' : answer.refusal?.code;
};

test('[S2] a locked screen hands out nothing a caller wrote, on every node and in every tab, until the code is shown', async () => {
  const [here = '', there = ''] = stack.urls;
  const maya = visitor(stack);
  const { secret } = await maya.signInAs('maya');
  const [one, two] = [await desk(maya, here), await desk(maya, there)];
  await one.shows(false);
  await two.shows(false);
  expect((await maya.call('POST', '/api/auth/staff/lock', {})).status).toBe(200);
  await one.shows(true);
  await two.shows(true);
  expect(await codeAt(maya, 'key.get', { conversationId: randomUUID() })).toBe('session.locked');
  expect(await codeAt(maya, 'message.fetch', asked)).toBe('session.locked');
  for (const { socket } of [one, two])
    expect(await socket.emitWithAck('message.fetch', asked)).toMatchObject({ refusal: { code: 'session.locked' } });
  expect(await codeAt(maya, 'shift.start', { commandId: randomUUID() })).toBe('ok'); // the line goes on
  expect((await maya.call('POST', '/api/auth/staff/unlock', { code: wrong(codeOf(secret)) })).body).toMatchObject({
    refusal: { code: 'code.wrong' },
  });
  expect(await codeAt(maya, 'key.get', { conversationId: randomUUID() })).toBe('session.locked');
  expect((await maya.call('POST', '/api/auth/staff/unlock', { code: codeOf(secret) })).status).toBe(200);
  for (const { socket } of [one, two])
    // at once: a page that is refused here locks itself again
    expect(await socket.emitWithAck('message.fetch', asked)).toMatchObject({ refusal: { code: 'conversation.gone' } });
  await one.shows(false);
  await two.shows(false);
  expect(await codeAt(maya, 'message.fetch', asked)).toBe('conversation.gone');
  for (const { socket } of [one, two]) socket.disconnect();
});

test('[S2] a session that gives no sign is locked by the server itself, on every node, and a sign comes too late', async () => {
  const [here = '', there = ''] = stack.urls;
  const db = new pg.Client({ connectionString: stack.databaseUrl });
  await db.connect();
  const silentFor = (seconds: number) =>
    db.query(
      `update auth_session a set "activeAt" = now() - make_interval(secs => $1), "createdAt" = now() - interval '1 day'
       from staff s where s.auth_user_id = a."userId" and s.email = 'maya@demo.example'`,
      [seconds],
    );
  const maya = visitor(stack);
  const { secret } = await maya.signInAs('maya');
  const [one, two] = [await desk(maya, here), await desk(maya, there)];
  await silentFor(14 * 60);
  expect(await codeAt(maya, 'message.fetch', asked)).toBe('conversation.gone');
  await silentFor(17 * 60 + 5); // 15 minutes, and what a page may be late with its telling
  await one.shows(true);
  await two.shows(true);
  expect(await codeAt(maya, 'key.get', { conversationId: randomUUID() })).toBe('session.locked');
  expect((await maya.call('POST', '/api/auth/staff/active', {})).status).toBe(403);
  await one.socket.emitWithAck('peer.setState', { commandId: randomUUID(), state: 'break' });
  expect(await codeAt(maya, 'message.fetch', asked)).toBe('session.locked');
  expect((await maya.call('POST', '/api/auth/staff/unlock', { code: codeOf(secret) })).status).toBe(200);
  await one.shows(false);
  await two.shows(false);
  for (const { socket } of [one, two]) socket.disconnect();
  await db.end();
});

test.each([
  ['its page says so', (who: Visitor) => who.call('POST', '/api/auth/staff/active', {})],
  ['they make a call that only a person makes', (who: Visitor) => who.door('shift.start', { commandId: randomUUID() })],
])('[S2] the idle time begins anew when %s', async (_when, sign) => {
  const db = new pg.Client({ connectionString: stack.databaseUrl });
  await db.connect();
  const idris = visitor(stack);
  await idris.signInAs('idris');
  await db.query(
    `update auth_session a set "activeAt" = now() - interval '16 minutes' from staff s where s.auth_user_id = a."userId" and s.email = 'idris@demo.example'`,
  );
  expect((await sign(idris)).status).toBe(200);
  const silent = () =>
    db
      .query<{ seconds: number }>(
        `select min(extract(epoch from now() - a."activeAt"))::float8 as seconds from auth_session a join staff s on s.auth_user_id = a."userId" where s.email = 'idris@demo.example'`,
      )
      .then((r) => r.rows[0]?.seconds);
  await expect.poll(silent).toBeLessThan(60);
  await db.end();
});

test('[S2] locking needs a session, and the lock of one browser is not that of another', async () => {
  expect((await visitor(stack).call('POST', '/api/auth/staff/lock', {})).body).toMatchObject({
    refusal: { code: 'auth.required' },
  });
  const [one, other] = [visitor(stack), visitor(stack)];
  await one.signInAs('idris');
  await other.signInAs('idris');
  await one.call('POST', '/api/auth/staff/lock', {});
  expect(await codeAt(one, 'message.fetch', asked)).toBe('session.locked');
  expect(await codeAt(other, 'message.fetch', asked)).toBe('conversation.gone');
});
