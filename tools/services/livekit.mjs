import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { guarded } from './guarded.mjs';

const START_MS = 20_000;
/** It waits for the last one in a call to go, and some seconds after its start in any case; by force nothing is lost. */
const GRACE_MS = 1500;
/** Of a server that others can reach: what a firewall has to let through. */
const PUBLIC_PORTS = { tcp: 7881, udp: 7882 };

/**
 * Where a media server answers and by which key, the same for each start on one data folder: signalling on loopback only
 * (our own server passes it on), sound and picture on loopback or, where `ip` is given, on the machine's public address.
 *
 * @param {{ data: string, ip?: string }} options ip: one, or an IPv4 and an IPv6 by a comma
 */
export async function livekitPlace({ data, ip }) {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const [port, tcp, udp] = await freePorts();
  return { data, ip, port, ...(ip ? PUBLIC_PORTS : { tcp, udp }), url: `http://127.0.0.1:${port}`, ...keysOf(data) };
}

/**
 * A private LiveKit server. It makes no room by itself; whoever has its key is our own server.
 *
 * @param {{ data: string, ip?: string, port: number, tcp: number, udp: number, url: string, key: string, secret: string }} place
 * @param {{ command: string, before: string[], image?: string }} program
 * @param {{ webhook?: string, turn?: object, tcpOnly?: boolean }} more webhook: who is told of its rooms; turn: its own relay
 */
export async function startLivekit(place, program, { webhook, turn, tcpOnly = false } = {}) {
  const file = join(place.data, 'livekit.yaml');
  rmSync(file, { force: true }); // the mode counts for a new file only
  writeFileSync(file, JSON.stringify(livekitConfig(place, { webhook, turn, tcpOnly }), null, 2), { mode: 0o600 });
  const { process: process_, remove } = program.image ? inDocker(program, place, file) : plain(program, place, file);
  let log = '';
  for (const stream of [process_.stdout, process_.stderr])
    stream.on('data', (text) => (log = (log + text).slice(-8000)));
  const stop = async () => {
    await process_.stop();
    remove();
  };
  for (const end = Date.now() + START_MS; !(await answers(place.url));) {
    if (!process_.running || Date.now() > end) {
      await stop();
      throw new Error(`LiveKit did not start:\n${log}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  return { ...place, process: process_, exited: process_.exited, log: () => log, stop };
}

/** LiveKit takes settings from the environment too (REDIS_HOST, UDP_PORT, …): those of the machine are not for this one. */
function plain({ command, before }, { data }, file) {
  const env = { PATH: process.env.PATH, HOME: data };
  return {
    process: guarded(command, [...before, '--config', file], { cwd: data, env, graceMs: GRACE_MS }),
    remove() {},
  };
}

/** A container outlives a client that was killed: it has a name, by which it is removed before and after. */
function inDocker({ command, before, image }, { data }, file) {
  const name = `hearthline-livekit-${createHash('sha256').update(data).digest('hex').slice(0, 12)}`;
  const remove = () => spawnSync(command, ['rm', '--force', name], { stdio: 'ignore', timeout: 10_000 });
  remove();
  const mount = `type=bind,source=${file},target=/livekit.yaml,readonly`;
  const args = [...before, '--name', name, '--mount', mount, image, '--config', '/livekit.yaml'];
  return { process: guarded(command, args, { cwd: data, graceMs: GRACE_MS }), remove };
}

/**
 * YAML is a superset of JSON. On one machine UDP always comes through, and ICE over TCP would listen on every address. Were no
 * STUN server set, LiveKit would have every browser ask Google's and Twilio's. None has to answer, since to reach a server no
 * browser has to know its own address: so it is a port of our own that is silent, and not the media port, from which Chromium
 * would then take nothing but STUN. At these levels its log names neither room nor participant, and no address.
 */
export function livekitConfig({ ip, port, tcp, udp, key, secret }, { webhook, turn, tcpOnly }) {
  return {
    port,
    bind_addresses: ['127.0.0.1'],
    rtc: {
      tcp_port: ip || tcpOnly ? tcp : 0,
      ...(tcpOnly ? { force_tcp: true } : { udp_port: udp }),
      use_external_ip: false,
      node_ip: ip ?? '127.0.0.1',
      stun_servers: [`${(ip ?? '127.0.0.1').split(',')[0]}:${udp + 1}`],
      ...(ip ? {} : { enable_loopback_candidate: true, interfaces: { includes: ['lo', 'lo0'] } }),
    },
    keys: { [key]: secret },
    room: { auto_create: false, empty_timeout: 180, departure_timeout: 90, max_participants: 4 },
    logging: { level: 'error', pion_level: 'fatal' },
    ...(webhook ? { webhook: { api_key: key, urls: [webhook] } } : {}),
    ...(turn ? { turn } : {}),
  };
}

/** Made once; whoever reads the data folder's private part has them. */
function keysOf(data) {
  const file = join(data, 'key.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const made = { key: `key${randomBytes(6).toString('hex')}`, secret: randomBytes(32).toString('base64url') };
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

async function answers(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => null);
  return answer?.ok ?? false;
}

/** Two for TCP and one for UDP that were free a moment ago, all held until the last one is known. */
async function freePorts() {
  const held = [createServer(), createServer(), createSocket('udp4')];
  for (const [n, probe] of held.entries()) {
    if (n < 2) probe.listen(0, '127.0.0.1');
    else probe.bind(0, '127.0.0.1');
    await once(probe, 'listening');
  }
  const ports = held.map((probe) => probe.address().port);
  await Promise.all(held.map((probe) => new Promise((done) => probe.close(done))));
  return ports;
}
