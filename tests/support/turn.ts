import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { guarded } from '../../tools/services/guarded.mjs';
import { until } from './line.ts';
import { freshFolder } from './services.ts';
import { freePort } from './stack.ts';

const places = ['/usr/bin/turnserver', '/usr/local/bin/turnserver', '/opt/homebrew/bin/turnserver'];
/** coturn; undefined where there is none: its suite is then skipped by name. */
export const turnserver = process.env['HEARTHLINE_TURNSERVER'] ?? places.find(existsSync);

/** A real relay on loopback. @returns what a server of ours is started with to use it, and its end */
export async function startTestTurn(): Promise<{ env: NodeJS.ProcessEnv; stop(): Promise<void> }> {
  if (!turnserver) throw new Error('there is no turnserver here');
  const [port, folder] = [await freePort(), freshFolder('turn')];
  const secret = 'a secret of the tests for the relay';
  const flags = ['-n', '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--use-auth-secret'];
  const settings = {
    'listening-ip': '127.0.0.1',
    'listening-port': port,
    'relay-ip': '127.0.0.1',
    'min-port': 43_000,
    'max-port': 43_200,
    'static-auth-secret': secret,
    realm: 'hearthline.test',
    'log-file': 'stdout',
    pidfile: join(folder, 'turn.pid'),
  };
  const args = [...flags, ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
  const relay = guarded(turnserver, args, { cwd: folder });
  let log = '';
  for (const stream of [relay.stdout, relay.stderr]) stream.on('data', (text: Buffer) => (log += text.toString()));
  await until('the relay listens', async () => (await listens(port)) || !relay.running);
  if (!relay.running) throw new Error(`the relay did not start:\n${log}`);
  const urls = `turn:127.0.0.1:${port}?transport=udp,turn:127.0.0.1:${port}?transport=tcp`;
  return { env: { HEARTHLINE_TURN_URLS: urls, HEARTHLINE_TURN_SECRET: secret }, stop: () => relay.stop() };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const probe = connect({ host: '127.0.0.1', port });
    probe.once('connect', () => {
      probe.destroy();
      done(true);
    });
    probe.once('error', () => done(false));
  });
