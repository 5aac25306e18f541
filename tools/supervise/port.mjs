import { createServer } from 'node:net';

const TRIES = 50;

/** The port to serve on. One that was asked for is taken or refused; the default moves on to the next free one. */
export async function choosePort() {
  const asked = process.env.HEARTHLINE_PORT ?? process.env.PORT;
  if (asked) {
    const port = Number(asked);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`This is not a port: ${asked}`);
    if (!(await isFree(port))) throw new Error(`Port ${port} is taken. Choose another with HEARTHLINE_PORT.`);
    return port;
  }
  for (let port = 3000; port < 3000 + TRIES; port++) if (await isFree(port)) return port;
  throw new Error('Ports 3000 to 3049 are all taken. Choose one with HEARTHLINE_PORT.');
}

function isFree(port) {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, process.env.HEARTHLINE_BIND || '127.0.0.1', () => probe.close(() => done(true)));
  });
}
