import { mkdirSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { guarded } from './guarded.mjs';
import { findRedis } from './redisBinary.mjs';
import { socketFolder } from './socketFolder.mjs';

const START_MS = 60_000;

/**
 * A private Redis on a socket: append-only file every second, no snapshots, never evicting (an evicted queue entry
 * would be a forgotten caller; the server refuses to start on any other policy).
 *
 * @param {{ data: string, tools: string, say?: (text: string) => void, flags?: string[] }} options
 * @returns url (the socket's path, which ioredis takes as an address), the guarded process, and stop()
 */
export async function startRedis({ data, tools, say, flags = [] }) {
  const { command, env } = await findRedis(tools, say);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const sockets = socketFolder(data, 'redis');
  const url = join(sockets, 'redis.sock');
  await clearOrphan(url);
  const settings = {
    port: '0',
    unixsocket: url,
    unixsocketperm: '700',
    dir: data,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  const args = [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]), ...flags];
  const process_ = guarded(command, args, { env: { ...process.env, ...env }, cwd: data });
  let log = '';
  for (const stream of [process_.stdout, process_.stderr])
    stream.on('data', (text) => (log = (log + text).slice(-8000)));
  const end = Date.now() + START_MS;
  while ((await ask(url, 'PING')) !== '+PONG') {
    if (!process_.running || Date.now() > end) {
      await process_.stop();
      throw new Error(`Redis did not start:\n${log}`);
    }
    await new Promise((done) => setTimeout(done, 10));
  }
  const stop = async () => {
    await process_.stop();
    rmSync(sockets, { recursive: true, force: true });
  };
  return { url, process: process_, exited: process_.exited, log: () => log, stop };
}

/** Who answers on our own socket before we have started is an orphan of a crash on the same data folder. */
async function clearOrphan(url) {
  for (let tries = 0; (await ask(url, 'PING')) !== undefined; tries++) {
    if (tries > 200) throw new Error(`another Redis holds ${url} and does not stop`);
    await ask(url, 'SHUTDOWN');
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** One inline command; the first line of the answer, undefined when nobody answers. */
function ask(path, command) {
  return new Promise((done) => {
    const socket = createConnection({ path });
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('connect', () => socket.write(`${command}\r\n`));
    socket.on('data', (text) => {
      done(String(text).split('\r\n')[0]);
      socket.destroy();
    });
    socket.on('error', () => done(undefined));
    socket.on('close', () => done(undefined));
  });
}
