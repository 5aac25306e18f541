import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CallerView } from '@hearthline/shared/contracts/views';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { callerCookieFrom } from '../support/callerBrowser.ts';

let stack: Stack;
const sockets: Socket[] = [];
beforeAll(async () => {
  stack = await startStack({ servers: 2, workers: 0, seed: true, env: raisedLimits });
});
afterEach(() => {
  for (const s of sockets.splice(0)) s.disconnect();
});
afterAll(() => stack.stop());

function page(cookie: string, url: string, tab: string) {
  let view: CallerView | null = null;
  const socket = io(url, {
    path: '/live',
    transports: ['websocket'],
    reconnection: false,
    query: { as: 'caller', v: 1, tab },
    extraHeaders: { origin: url, cookie },
  });
  sockets.push(socket);
  socket.on('caller.view', (v: CallerView) => (view = v));
  return {
    socket,
    shows: (stage: CallerView['stage']) => expect.poll(() => view?.stage, { timeout: 5000 }).toBe(stage),
  };
}

test('[F27] one live tab a caller, on whatever node: the second says so, may take over, and a reload keeps it', async () => {
  const [here = '', there = ''] = stack.urls;
  const cookie = await callerCookieFrom(here);
  const first = page(cookie, here, 'tab-one');
  await first.shows('ready');
  const second = page(cookie, there, 'tab-two');
  await second.shows('elsewhere');
  await first.shows('ready');
  await second.socket.emitWithAck('caller.takeOver', {});
  await second.shows('ready');
  await first.shows('elsewhere');
  second.socket.disconnect();
  const again = page(cookie, here, 'tab-two');
  await again.shows('ready');
  const door = await fetch(`${there}/api/doors/caller.view`, {
    method: 'POST',
    headers: { origin: there, cookie, 'content-type': 'application/json', 'x-tab': 'tab-one' },
    body: '{}',
  });
  expect(((await door.json()) as { value: CallerView }).value.stage).toBe('elsewhere');
});
