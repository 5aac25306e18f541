import { join } from 'node:path';
import { DATA, TOOLS } from '../paths.mjs';
import { livekitPlace, startLivekit } from '../services/livekit.mjs';
import { findLivekit } from '../services/livekitBinary.mjs';
import { findGo } from '../services/livekitBuild.mjs';
import { logFile } from './logFile.mjs';

/**
 * What carries calls: a LiveKit server that is given by address, else a private one, else none. A line opens in any case.
 *
 * @param {number} port of our own server, which is told of rooms
 * @param {(name: string, start: () => Promise<object>) => Promise<unknown>} keep starts a service and keeps it running
 * @param {(text: string) => void} say
 * @param {() => boolean} stopping
 * @returns {Promise<Record<string, string>>} how server and worker reach it
 */
export async function startCalls(port, keep, say, stopping) {
  const { LIVEKIT_URL, HEARTHLINE_CALLS, HEARTHLINE_ORIGIN, HEARTHLINE_MEDIA_IP: ip } = process.env;
  const none = (text) => (say(`calls: ${text}`), {});
  if (HEARTHLINE_CALLS === 'off') return none('off');
  if (HEARTHLINE_CALLS === 'direct') return none('browser to browser, as HEARTHLINE_CALLS says');
  if (LIVEKIT_URL) return none('the LiveKit server of LIVEKIT_URL');
  if (HEARTHLINE_ORIGIN && !ip)
    return none(`${withoutLivekit()}. A LiveKit server of this machine needs HEARTHLINE_MEDIA_IP, its public address`);
  const program = findLivekit(TOOLS, { say });
  if (!program) {
    const hint = findGo() ? '. Go is here: npm run media:install builds a LiveKit server, once' : '';
    return none(`${withoutLivekit()}, no LiveKit server is here${hint}`);
  }
  const place = await livekitPlace({ data: join(DATA, 'livekit'), ip });
  const log = logFile(join(DATA, 'logs', 'livekit.log'), 'LiveKit', () => {});
  try {
    await keep('LiveKit', async () => {
      const started = await startLivekit(place, program, { webhook: `http://127.0.0.1:${port}/api/media/webhook` });
      for (const stream of [started.process.stdout, started.process.stderr]) log.follow(stream);
      return started;
    });
  } catch (error) {
    if (stopping()) throw error;
    return none(`${withoutLivekit()}. ${error.message.trim()}`);
  }
  say(`calls: LiveKit ${program.version}, ${ip ? `on ${ip}` : 'private'} (${program.from})`);
  return { LIVEKIT_URL: place.url, LIVEKIT_API_KEY: place.key, LIVEKIT_API_SECRET: place.secret };
}

/** What the server does then (`server/src/media/openMedia.ts`). */
const withoutLivekit = () =>
  process.env.HEARTHLINE_ORIGIN && !process.env.HEARTHLINE_TURN_URLS ? 'none, text only' : 'browser to browser';
