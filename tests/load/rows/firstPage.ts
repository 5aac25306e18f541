import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { within, type Ending } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { pairedRounds, quantile } from '../paired.ts';
import { benchStack, crowd } from '../people.ts';
import type { Settings } from '../settings.ts';
import { meetings, type Meeting } from '../talks.ts';
import { ladderOf } from './escalation.ts';

const conversations = 20;
const presses = 200;
const patienceMs = 10_000;

/** Row 17: the peer presses → the clinician's provider has the page in its hands. Each is taken back before the next. */
export async function firstPageRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const provider = await receiver(ending);
  const gateway = {
    HEARTHLINE_PAGE_WEBHOOK_URL: provider.url,
    HEARTHLINE_PAGE_WEBHOOK_SECRET: 'a secret of the gateway',
  };
  const people = await crowd(await benchStack(ending, 1, gateway), ending);
  await ladderOf(people);
  await people.clinician('primary', 1, [{ kind: 'webhook', number: '+15550100123' }]);
  const talks = await meetings(people, conversations, 'chat');
  const measured = await pairedRounds(
    s.rounds,
    () => pressAll(talks, provider),
    (n, ms, taken) =>
      console.log(
        `row 17  round ${n}/${s.rounds}  first page p50 ${quantile(ms, 0.5).toFixed(1)} p99 ${quantile(ms, 0.99).toFixed(1)} ms  ${lost(taken)}`,
      ),
  );
  const goal = {
    row: 17,
    what: 'button → first page in the hands of its provider, p99',
    unit: 'ms',
    better: 'lower',
    bar: 2000,
    aim: 100,
  } as const;
  return [figure(goal, measured, (ms) => quantile(ms, 0.99), `${presses} presses a round, one after the other`)];
}

type Receiver = { url: string; next(): Promise<number> };
/** It says yes at once, and when. */
async function receiver(ending: Ending): Promise<Receiver> {
  let heard: (at: number) => void = () => {};
  const http = createServer((req, res) => {
    heard(performance.now());
    req.resume().on('end', () => res.writeHead(201).end());
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  ending.add(async () => {
    http.closeAllConnections();
    await new Promise((closed) => http.close(closed));
  });
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    next: () => within(patienceMs, 'the page', new Promise<number>((done) => (heard = done))),
  };
}

async function pressAll(talks: Meeting[], provider: Receiver): Promise<number[]> {
  const ms: number[] = [];
  for (let i = 0; i < presses; i++) {
    const { id: conversationId, peer } = talks[i % talks.length] as Meeting;
    const escalationId = randomUUID();
    const paged = provider.next();
    const pressedAt = performance.now();
    const pressed = peer.call('escalation.raise', { commandId: escalationId, conversationId, kind: 'consult' });
    ms.push((await paged) - pressedAt);
    await pressed;
    await peer.call('escalation.withdraw', { commandId: randomUUID(), escalationId });
  }
  return ms;
}
