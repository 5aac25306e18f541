import { join } from 'node:path';
import { livekitPlace, startLivekit, type PrivateLivekit } from '../../tools/services/livekit.mjs';
import { findLivekit } from '../../tools/services/livekitBinary.mjs';
import { freshFolder, ROOT } from './services.ts';

export type TestLivekit = {
  readonly url: string;
  readonly key: string;
  readonly secret: string;
  /** Of sound and picture. */
  readonly udp: number;
  readonly tcp: number;
  /** What a server of ours is started with to use it. */
  readonly env: NodeJS.ProcessEnv;
  pid(): number;
  /** SIGKILL; all its rooms are forgotten. */
  kill(): Promise<void>;
  /** On the same ports, with the same key. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * A real media server of one test's own, on loopback.
 * @param webhook the port of the server of ours that is told of its rooms
 * @param turn with a relay of its own, which may reach loopback
 * @param tcpOnly as where UDP is blocked
 */
export async function startTestLivekit({
  webhook,
  turn = false,
  tcpOnly = false,
}: { webhook?: number; turn?: boolean; tcpOnly?: boolean } = {}): Promise<TestLivekit> {
  const program = findLivekit(join(ROOT, '.tools'), { docker: false });
  if (!program) throw new Error('no LiveKit server: the runner must not have started this suite');
  const place = await livekitPlace({ data: freshFolder('livekit') });
  const more = {
    tcpOnly,
    ...(webhook ? { webhook: `http://127.0.0.1:${webhook}/api/media/webhook` } : {}),
    ...(turn
      ? {
          turn: {
            enabled: true,
            udp_port: place.tcp, // the same number, over UDP
            domain: 'localhost',
            relay_range_start: 42_000,
            relay_range_end: 42_100,
            allow_restricted_peer_cidrs: ['127.0.0.0/8'],
          },
        }
      : {}),
  };
  let running: PrivateLivekit = await startLivekit(place, program, more);
  const kill = async () => {
    await running.process.kill('SIGKILL');
    await running.exited;
  };
  return {
    url: place.url,
    key: place.key,
    secret: place.secret,
    udp: place.udp,
    tcp: place.tcp,
    env: { LIVEKIT_URL: place.url, LIVEKIT_API_KEY: place.key, LIVEKIT_API_SECRET: place.secret },
    pid: () => running.process.pid,
    kill,
    async restart() {
      if (running.process.running) await kill();
      running = await startLivekit(place, program, more);
    },
    stop: () => running.stop(),
  };
}
