import { createConnection, createServer } from 'node:net';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { socketFolder } from '../services/socketFolder.mjs';

/**
 * Claims the data folder for this supervisor; false when another one has it. A listening socket is the claim: unlike a
 * pid file it cannot be stale, because it ends with its process.
 */
export async function claim(data) {
  const path = join(socketFolder(data, 'run'), 'run.sock');
  const server = createServer((socket) => socket.destroy());
  if (await listens(server, path)) return () => release(server, path);
  if (await answers(path)) return false;
  rmSync(path, { force: true });
  return (await listens(server, path)) ? () => release(server, path) : false;
}

function listens(server, path) {
  return new Promise((done, fail) => {
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? done(false) : fail(error)));
    server.listen(path, () => (server.unref(), done(true)));
  });
}

function answers(path) {
  return new Promise((done) => {
    const socket = createConnection({ path });
    socket.on('connect', () => (socket.destroy(), done(true)));
    socket.on('error', () => done(false));
  });
}

function release(server, path) {
  server.close();
  rmSync(join(path, '..'), { recursive: true, force: true });
}
