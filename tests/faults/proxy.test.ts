import net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProxy, type Proxy } from './proxy.ts';

let echo: net.Server;
let proxy: Proxy;
beforeAll(async () => {
  echo = net.createServer((s) => s.on('error', () => {}).pipe(s));
  await new Promise<void>((done) => echo.listen(0, '127.0.0.1', done));
  proxy = await startProxy(() => ({ host: '127.0.0.1', port: (echo.address() as net.AddressInfo).port }));
});
afterAll(async () => {
  await proxy.close();
  echo.close();
});

function client() {
  const socket = net.connect({ host: '127.0.0.1', port: proxy.port });
  let heard = '';
  let closed = false;
  socket.on('data', (d) => (heard += String(d)));
  socket.on('error', () => {});
  socket.on('close', () => (closed = true));
  return { socket, say: (text: string) => socket.write(text), heard: () => heard, closed: () => closed };
}
const soon = (what: () => unknown, to: unknown) => expect.poll(what, { timeout: 3000, interval: 10 }).toBe(to);
const later = (ms: number) => new Promise((done) => setTimeout(done, ms));

test('passes, delays and throttles without losing the order', async () => {
  const one = client();
  one.say('a');
  await soon(one.heard, 'a');
  proxy.set({ kind: 'delay', ms: 60 });
  const start = performance.now();
  one.say('b');
  await soon(one.heard, 'ab');
  expect(performance.now() - start).toBeGreaterThan(100); // there and back
  proxy.set({ kind: 'throttle', bytesPerSecond: 1000 });
  const slow = performance.now();
  one.say('c'.repeat(100));
  await soon(() => one.heard().length, 102);
  expect(performance.now() - slow).toBeGreaterThan(150);
  proxy.set({ kind: 'pass' });
  one.socket.destroy();
});

test('cut resets what is open and refuses what comes', async () => {
  const one = client();
  one.say('a');
  await soon(one.heard, 'a');
  proxy.set({ kind: 'cut' });
  await soon(one.closed, true);
  const two = client();
  await soon(two.closed, true);
  proxy.set({ kind: 'pass' });
});

test('a black hole tells nobody; what was on its way arrives when it is over', async () => {
  const one = client();
  one.say('a');
  await soon(one.heard, 'a');
  proxy.set({ kind: 'blackHole' });
  one.say('b');
  const two = client();
  two.say('x');
  await later(100);
  expect([one.heard(), one.closed(), two.heard(), two.closed()]).toEqual(['a', false, '', false]);
  proxy.set({ kind: 'pass' });
  await soon(one.heard, 'ab');
  await soon(two.closed, true);
  one.socket.destroy();
});

test('half-open: answers do not come; a reply is dropped once, with its connection', async () => {
  const one = client();
  proxy.set({ kind: 'halfOpen' });
  one.say('a');
  await later(80);
  expect([one.heard(), one.closed()]).toEqual(['', false]);
  proxy.set({ kind: 'dropReply', when: (request) => request.includes('commit') });
  one.say('b');
  await soon(one.heard, 'b');
  one.say('commit');
  await soon(one.closed, true);
  expect(one.heard()).toBe('b');
  const two = client();
  two.say('commit');
  await soon(two.heard, 'commit');
  two.socket.destroy();
});
