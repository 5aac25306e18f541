import { readConfig, type Config } from '@hearthline/server/config';
import { readDemoAccounts } from '@hearthline/server/demo/demoAccounts';
import type { PublicLine } from '@hearthline/shared/contracts/line';
import { simulatedAccounts } from './accounts.ts';
import { simulatedCaller } from './caller.ts';
import { simulatedPeer, type SimulatedPeer } from './peer.ts';
import { createTown, type Town } from './town.ts';

export type DemoOptions = {
  /** What the running server is run with; PORT is where it listens. */
  env: NodeJS.ProcessEnv;
  peers: number;
  callers: number;
  stop: AbortSignal;
  say(text: string): void;
  /** 1 = as people write; a test is quicker. */
  pace?: number;
};

/** A reason not to begin, in a sentence for the person at the terminal. */
export class DemoRefused extends Error {}

/**
 * Simulated callers and peers on a running demo line, through its public doors only, until `stop`. They leave nothing
 * open behind: callers leave, peers finish and end their shifts, their accounts are suspended.
 */
export async function runDemo({ env, peers, callers, stop, say, pace = 1 }: DemoOptions): Promise<Town['count']> {
  const config = readConfig(env);
  const url = `http://127.0.0.1:${config.port}`;
  await checkPlace(config, url);
  const line = await theLine(url);
  const town = createTown({ url, line, say, pace, stop });
  const accounts = simulatedAccounts(config, line.slug);
  const atWork: SimulatedPeer[] = [];
  try {
    for (let nth = 0; nth < peers && !town.stopped; nth++) {
      const { name, cookie } = await accounts.signIn(nth);
      atWork.push(await simulatedPeer(town, name, cookie));
    }
    await Promise.all(Array.from({ length: callers }, (_, nth) => simulatedCaller(town, nth)));
  } finally {
    say('the demo ends: callers have left, simulated peers go home');
    await Promise.all(atWork.map((peer) => peer.goHome()));
    await accounts.close();
  }
  return town.count;
}

/** Only beside a demo on this very machine: simulated people never meet somebody who came for help. */
async function checkPlace(config: Config, url: string): Promise<void> {
  if (!isLocal(config.databaseUrl) || !isLocal(config.redisUrl))
    throw new DemoRefused(
      'The database or Redis is on another machine; the demo only runs beside a start on this one.',
    );
  if (config.origin)
    throw new DemoRefused(
      `This line is reached at ${config.origin}; the demo only runs on a line of this machine alone.`,
    );
  if (readDemoAccounts(config.dataDir).length === 0)
    throw new DemoRefused('This is a line of your own, without demo accounts; simulated people stay away from it.');
  const answer = await fetch(`${url}/api/doors/caller.view`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: '{}',
  }).catch(() => null);
  if (!answer) throw new DemoRefused(`Nothing answers at ${url}. Run \`npm start\` first, in another window.`);
  if (answer.status === 403)
    throw new DemoRefused('This line is not open on loopback (HEARTHLINE_ORIGIN is set); the demo stays away from it.');
}

/** A socket's path (also as `?host=/…`), or a loopback address. */
function isLocal(address: string): boolean {
  if (address.startsWith('/')) return true;
  const host =
    /[?&]host=([^&]+)/.exec(address)?.[1] ?? /^\w+:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/?]*)/.exec(address)?.[1] ?? '';
  return /^(\/|localhost$|127(\.\d+){3}$|\[?::1\]?$)/.test(decodeURIComponent(host));
}

async function theLine(url: string): Promise<Town['line']> {
  const answer = (await (await fetch(`${url}/api/line`)).json()) as { ok: boolean; value?: PublicLine };
  if (!answer.value) throw new DemoRefused('There is no line here.');
  const { config, open } = answer.value;
  if (open.state === 'closed' || open.state === 'closingSoon')
    throw new DemoRefused(`${config.name} is closed now; the demo needs an open line.`);
  return { slug: config.slug, consentVersion: config.consent.version };
}
