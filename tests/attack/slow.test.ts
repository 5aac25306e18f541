import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../support/services.ts';
import { inspected, keptBytes, measuresOf } from './measures.ts';
import { raw, request, type Raw } from './rawHttp.ts';
import { caller, knock, openStack, type Knocker } from './target.ts';
import { openWire } from './wire.ts';

/** 20 s for a request, 10 s for its head, looked at every 2 s; a machine that is busy takes longer to look. */
const mostMs = 30_000;

let stack: Stack;
let guest: Knocker;
beforeAll(async () => {
  stack = await openStack({ workers: 0, env: inspected });
  guest = await caller(stack);
});
afterAll(() => stack?.stop());

const closedInTime = (found: Raw): string =>
  found.closed && [0, 400, 408, 413].includes(found.status) ? 'closed' : `${found.status} ${found.closed}`;

test('[B1] whoever sends a byte a second, half of it, without an end or nothing at all is cut off; others notice nothing', async () => {
  const cookie = { Cookie: guest.visitor.cookie() };
  const door = '/api/doors/caller.view';
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const chunked = { 'Content-Length': null, 'Transfer-Encoding': 'chunked' };
  const of = (path: string, headers: Record<string, string | null>, method = 'POST') =>
    request(stack.url, method, path, { headers: { ...cookie, ...headers } });
  const slowly = (bytes: string, piece?: string) =>
    raw(stack.url, bytes, { mostMs, quietMs: mostMs, ...(piece ? { drip: { piece, everyMs: 1000 } } : {}) });

  const slow: Record<string, Promise<Raw>> = {
    'not a byte': slowly(''),
    'a line without an end': slowly('GET /', 'a'),
    'a head without an end': slowly(`GET / HTTP/1.1\r\nHost: ${new URL(stack.url).host}\r\n`, 'X-A: b\r\n'),
    'a handshake without an end': slowly('GET /live/?EIO=4&transport=websocket HTTP/1.1\r\n', 'X-A: b\r\n'),
    'a body byte by byte': slowly(of(door, { 'Content-Length': '1000' }), ' '),
    'a body that stays short': slowly(`${of(door, { 'Content-Length': '1000' })}{}`),
    'a sign-in byte by byte': slowly(of('/api/auth/sign-in/email', { 'Content-Length': '1000' }), ' '),
    'a form byte by byte': slowly(of('/start', { ...form, 'Content-Length': '1000' }), 'a'),
    'chunks without an end': slowly(of(door, chunked), '1\r\n \r\n'),
    'a form of chunks without an end': slowly(of('/code', { ...form, ...chunked }), '1\r\na\r\n'),
  };
  const crowd = Array.from({ length: 200 }, () => slowly('POST / HTTP/1.1\r\n', 'X-A: b\r\n'));

  // a WebSocket that was opened and never says who it is
  const silent = await openWire({ url: stack.url, cookie: guest.visitor.cookie() });
  expect(silent.status).toBe(101);

  // all of it at once, as fast as it is read
  const before = await keptBytes(stack);
  const flood = { mostMs, drip: { piece: `ffff\r\n${'x'.repeat(65_535)}\r\n`, everyMs: 1 } };
  const fast: Record<string, Promise<Raw>> = {
    'chunks at a door': raw(stack.url, of(door, chunked), flood),
    'chunks at a form': raw(stack.url, of('/start', { ...form, ...chunked }), flood),
    'chunks at a sign-in': raw(stack.url, of('/api/auth/sign-in/email', chunked), flood),
  };
  for (const [what, answer] of Object.entries(fast)) expect(closedInTime(await answer), what).toBe('closed');
  expect((await keptBytes(stack)) - before).toBeLessThan(16 * 1024 * 1024);

  const waits: number[] = [];
  for (let n = 0; n < 20; n++) {
    const began = performance.now();
    await knock(guest, 'caller.view');
    waits.push(performance.now() - began);
  }
  expect(waits.sort((a, b) => a - b)[10]).toBeLessThan(250);

  for (const [what, answer] of Object.entries(slow)) expect(closedInTime(await answer), what).toBe('closed');
  for (const answer of await Promise.all(crowd)) expect(closedInTime(answer)).toBe('closed');
  await silent.closed;
  expect((await measuresOf(stack.url)).sockets).toBe(0);
}, 45_000);
