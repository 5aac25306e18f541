import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DeskView } from '@hearthline/shared/contracts/views';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { accountOf, codeOf, staffBrowser, wrongCodeFor, type StaffBrowser } from '../support/staffBrowser.ts';

let stack: Stack;
let here: string, there: string;
const sockets: Socket[] = [];
beforeAll(async () => {
  stack = await startStack({ servers: 2, workers: 0, seed: true, env: raisedLimits });
  [here = '', there = ''] = stack.urls;
});
afterEach(() => {
  for (const s of sockets.splice(0)) s.disconnect();
});
afterAll(() => stack.stop());

function desk(b: StaffBrowser, url: string) {
  const views: DeskView[] = [];
  const socket = io(url, {
    path: '/live',
    transports: ['websocket'],
    query: { as: 'staff', v: 1, tab: randomUUID() },
    extraHeaders: { origin: url, cookie: b.header() },
  });
  sockets.push(socket);
  socket.on('desk.view', (v) => void views.push(DeskView.parse(v)));
  const locked = (want: boolean) => expect.poll(() => views.at(-1)?.me.locked, { timeout: 5000 }).toBe(want);
  return { locked, socket };
}

test('[S2] a locked screen hands out nothing a caller wrote, on every node and in every tab, until the code is shown', async () => {
  const maya = accountOf(stack, 'maya');
  const b = staffBrowser(here);
  await b.signIn(maya);
  const [one, two] = [desk(b, here), desk(b, there)];
  await one.locked(false);
  await two.locked(false);
  expect((await b.auth('staff/lock', {})).status).toBe(200);
  await one.locked(true);
  await two.locked(true);
  const message = { conversationId: randomUUID(), after: 0 };
  for (const at of [here, there]) {
    expect(await b.door('key.get', { conversationId: randomUUID() }, at)).toBe('session.locked');
    expect(await b.door('message.fetch', message, at)).toBe('session.locked');
    expect(await b.door('shift.start', { commandId: randomUUID() }, at)).toBe('ok'); // the line goes on
  }
  expect(await one.socket.emitWithAck('message.fetch', message)).toMatchObject({ refusal: { code: 'session.locked' } });
  expect((await b.auth('staff/unlock', { code: wrongCodeFor(maya.secret) })).body).toMatchObject({
    refusal: { code: 'code.wrong' },
  });
  expect(await b.door('key.get', { conversationId: randomUUID() })).toBe('session.locked');
  expect((await b.auth('staff/unlock', { code: codeOf(maya.secret) })).status).toBe(200);
  await one.locked(false);
  await two.locked(false);
  expect(await b.door('message.fetch', message)).toBe('conversation.gone');
});

test('[S2] locking needs a session, and the lock of one browser is not that of another', async () => {
  expect((await staffBrowser(here).auth('staff/lock', {})).body).toMatchObject({ refusal: { code: 'auth.required' } });
  const [one, other] = [staffBrowser(here), staffBrowser(here)];
  await one.signIn(accountOf(stack, 'idris'));
  await other.signIn(accountOf(stack, 'idris'));
  await one.auth('staff/lock', {});
  expect(await one.door('key.get', { conversationId: randomUUID() })).toBe('session.locked');
  expect(await other.door('key.get', { conversationId: randomUUID() })).toBe('conversation.gone');
});
