import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { faultProxy, type FaultProxy, type Upstream } from './proxy.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
});

/** Answers every chunk with itself and counts the bytes that arrived. */
async function echo(at: Upstream = 0) {
  const heard = { bytes: 0, from: '' };
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    heard.from = socket.remoteAddress ?? '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard.bytes += chunk.length;
      socket.write(chunk);
    });
  });
  await new Promise<void>((done) => void server.listen(at, done));
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { heard, upstream: typeof at === 'string' ? at : (server.address() as net.AddressInfo).port };
}

async function through(upstream: Upstream, options = {}) {
  const proxy = await faultProxy(upstream, options);
  ends.push(proxy.close);
  return proxy;
}

function client(proxy: FaultProxy) {
  const socket = net.connect({ host: '127.0.0.1', port: proxy.port });
  ends.push(() => void socket.destroy());
  const state = { text: '', closed: false };
  socket.on('error', () => {});
  socket.on('data', (chunk) => (state.text += chunk.toString()));
  socket.on('close', () => (state.closed = true));
  return { socket, state };
}

const holds = (what: () => unknown) => expect.poll(what, { timeout: 3000, interval: 5 });

test('passes both ways, to a port and to a unix socket, from an address of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hl-proxy-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  for (const at of [0, join(folder, 'echo.sock')]) {
    const { upstream, heard } = await echo(at);
    const { socket, state } = client(await through(upstream, { from: '127.0.0.9' }));
    socket.write('hello');
    await holds(() => state.text).toBe('hello');
    if (at === 0) expect(heard.from).toContain('127.0.0.9');
  }
});

test('delays, and keeps the order when the delay ends', async () => {
  const { upstream } = await echo();
  const proxy = await through(upstream);
  const { socket, state } = client(proxy);
  proxy.set({ kind: 'delay', ms: 100 });
  const start = performance.now();
  socket.write('a');
  await holds(() => proxy.connections).toBe(1);
  await holds(() => state.text).toBe('a');
  expect(performance.now() - start).toBeGreaterThan(190);
  proxy.set({ kind: 'pass' });
  socket.write('b');
  await holds(() => state.text).toBe('ab');
});

test('throttles', async () => {
  const { upstream } = await echo();
  const proxy = await through(upstream);
  proxy.set({ kind: 'throttle', bytesPerSecond: 1000 });
  const { socket, state } = client(proxy);
  const start = performance.now();
  socket.write('x'.repeat(100));
  await holds(() => state.text.length).toBe(100);
  expect(performance.now() - start).toBeGreaterThan(190);
});

test('cuts what is open and what comes, until it passes again', async () => {
  const { upstream } = await echo();
  const proxy = await through(upstream);
  const first = client(proxy);
  await holds(() => proxy.connections).toBe(1);
  proxy.set({ kind: 'cut' });
  await holds(() => first.state.closed).toBe(true);
  const second = client(proxy);
  await holds(() => second.state.closed).toBe(true);
  proxy.set({ kind: 'pass' });
  const third = client(proxy);
  third.socket.write('c');
  await holds(() => third.state.text).toBe('c');
});

test('a black hole takes everything and says nothing; half-open lets the way there through', async () => {
  const { upstream, heard } = await echo();
  const proxy = await through(upstream);
  const one = client(proxy);
  one.socket.write('1');
  await holds(() => one.state.text).toBe('1');
  proxy.set({ kind: 'blackHole' });
  const arrived = new Promise((done) => one.socket.write('2', done));
  await arrived;
  proxy.set({ kind: 'halfOpen' });
  one.socket.write('3');
  await holds(() => heard.bytes).toBeGreaterThanOrEqual(2);
  expect(one.state).toEqual({ text: '1', closed: false });
  proxy.set({ kind: 'pass' });
  await holds(() => one.state.closed).toBe(true); // dead, as after a broken cable
});

test('drops one reply: what was asked arrived, what was answered did not', async () => {
  const { upstream, heard } = await echo();
  const proxy = await through(upstream);
  const dropped = proxy.dropReplyOnce('commit');
  const one = client(proxy);
  one.socket.write('begin');
  await holds(() => one.state.text).toBe('begin');
  one.socket.write('commit');
  await dropped;
  await holds(() => one.state.closed).toBe(true);
  expect(one.state.text).toBe('begin');
  expect(heard.bytes).toBe(11);
  const two = client(proxy);
  two.socket.write('commit');
  await holds(() => two.state.text).toBe('commit'); // once
});
