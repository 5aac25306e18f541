import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import type { Stack } from '../support/services.ts';
import { codeOf, command, knock, openStack, peerAtWork, post, talkWith, type Answer, type Talk } from './target.ts';
import { ask, liveQuery, openSocket, openWire } from './wire.ts';

let stack: Stack;
let talk: Talk;
let database: pg.Client;
beforeAll(async () => {
  stack = await openStack();
  talk = await talkWith(stack, await peerAtWork(stack, 'maya'));
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
});

/** While a table is not there whatever needs it throws, in the midst of its work. */
async function without(table: string, act: () => Promise<void>): Promise<void> {
  await database.query(`alter table ${table} rename to ${table}_away`);
  try {
    await act();
  } finally {
    await database.query(`alter table ${table}_away rename to ${table}`);
  }
}
const message = () => ({
  conversationId: talk.conversationId,
  clientId: randomUUID(),
  epoch: 1,
  iv: randomBytes(12).toString('base64'),
  ciphertext: randomBytes(80).toString('base64'),
});
const fetchInput = () => ({ conversationId: talk.conversationId, after: 0 });

/** Whoever asks hears that something broke and under which reference it stands in the log; what broke is for the log alone. */
async function expectBroken(answer: Answer): Promise<void> {
  expect(codeOf(answer)).toBe('server.broke');
  expect(answer.refusal?.ref).toMatch(/^[0-9a-f]{8}$/);
  expect(JSON.stringify(answer)).not.toMatch(/relation|does not exist|message_away|select/);
  await expect.poll(() => stack.output('server1')).toContain(answer.refusal?.ref); // written by another process
}

test('[B34] a handler that throws: a reference for the person, the cause in the log, everything else goes on', async () => {
  const wire = await openSocket(talk.peer);
  await without('message', async () => {
    await expectBroken((await post(talk.caller, '/api/doors/message.fetch', JSON.stringify(fetchInput()))).answer);
    await expectBroken(await ask(wire, 'message.fetch', JSON.stringify(fetchInput())));
    expect((await post(talk.caller, '/api/doors/message.send', JSON.stringify(message()))).status).toBe(500);
    expect(codeOf(await ask(wire, 'desk.view', '{}'))).toBe('ok');
  });
  expect(codeOf(await ask(wire, 'message.fetch', JSON.stringify(fetchInput())))).toBe('ok');
  await knock(talk.caller, 'message.send', message());
  wire.tcp.destroy();
});

test('[B34] a page, a handshake and the turns of the clock that throw end nothing', async () => {
  const wire = await openSocket(talk.peer);
  await without('caller_session', async () => {
    for (const path of ['/talk', '/']) {
      const page = await talk.caller.visitor.get(path);
      expect(page.text).not.toMatch(/relation|caller_session/);
      expect([200, 500, 503]).toContain(page.status);
    }
    for (const path of ['/api/caller/exit', '/api/caller/away']) {
      const { status, text } = await talk.caller.visitor.call('POST', path);
      expect(status, path).toBe(500);
      expect(text).not.toMatch(/relation|caller_session/);
    }
    const { visitor } = talk.caller;
    const refused = await openWire({ url: stack.url, cookie: visitor.cookie(), query: liveQuery('caller') });
    expect(refused.status).toBe(400);
    const guest = await openWire({ url: stack.url, cookie: talk.peer.visitor.cookie(), query: liveQuery('staff') });
    expect(guest.status).toBe(101); // staff are not asked about there
    guest.tcp.destroy();
    expect(codeOf(await ask(wire, 'desk.view', '{}'))).toBe('ok');
  });
  expect(stack.running('server1')).toBe(true);
  expect(await knock(talk.caller, 'caller.view')).toBeTruthy();
  wire.tcp.destroy();
});

test('[B34] a handler that never answers: "one moment" after five seconds, and the same call again has the answer', async () => {
  const wire = await openSocket(talk.caller);
  const input = message();
  await database.query('begin');
  await database.query('lock table conversation in access exclusive mode');
  const began = performance.now();
  const late = ask(wire, 'message.send', JSON.stringify(input));
  const lateOverHttp = post(talk.caller, '/api/doors/message.fetch', JSON.stringify(fetchInput()));
  expect((await talk.caller.visitor.get('/api/line')).status).toBe(200); // what needs nothing of it goes on
  expect(codeOf(await late)).toBe('server.busy'); // a message does not wait for whoever holds its conversation
  expect(performance.now() - began).toBeLessThan(3000);
  const { answer } = await lateOverHttp;
  expect(codeOf(answer)).toBe('server.busy');
  expect(answer.refusal?.ref).toMatch(/^[0-9a-f]{8}$/);
  expect(performance.now() - began).toBeGreaterThan(4500);
  expect(performance.now() - began).toBeLessThan(8000);
  await database.query('rollback');
  await until('it is sent', async () => codeOf(await ask(wire, 'message.send', JSON.stringify(input))) === 'ok');
  const { rows } = await database.query<{ n: number }>('select count(*)::int as n from message where client_id = $1', [
    input.clientId,
  ]);
  expect(rows[0]?.n).toBe(1);
  await knock(talk.peer, 'peer.setLimit', { ...command(), chats: 2 });
  expect(stack.running('server1')).toBe(true);
  wire.tcp.destroy();
});
