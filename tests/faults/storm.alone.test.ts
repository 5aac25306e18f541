import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inLanes } from '../load/ending.ts';
import { leanSocket, type LeanSocket } from '../load/leanSocket.ts';
import { quantile } from '../load/paired.ts';
import { createCrew, type Crew, type Member } from '../support/crew.ts';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';

const pages = 3000;
const spreadMs = 2000; // as our pages have it
/** On two free cores it takes about 4 s, 2 s of which the pages wait by themselves. */
const mostMs = 30_000;

let stack: Stack;
let crew: Crew;
beforeAll(async () => {
  stack = await startStack({ seed: true, env: raisedLimits });
  crew = await createCrew(stack.env);
});
afterAll(async () => {
  await crew?.close();
  await stack?.stop();
});

/** A caller's page in line, which comes back as ours do until it is closed. */
function keepOpen({ cookie }: Member) {
  const page = { socket: null as LeanSocket | null, shownAt: 0, tries: 0, close };
  let wanted = true;
  const tab = randomUUID();
  async function stay() {
    const port = Number(new URL(stack.url).port);
    const address = { port, path: socketPath, query: `&as=caller&v=${protocolVersion}&tab=${tab}` };
    while (wanted) {
      page.tries++;
      const headers = { Origin: `http://localhost:${port}`, Cookie: cookie };
      page.socket = await leanSocket({ ...address, headers }).catch(() => null);
      await page.socket?.call('caller.view', {}).then(
        () => (page.shownAt = performance.now()),
        () => page.socket?.close(),
      );
      await page.socket?.closed;
      page.socket = null;
      if (wanted) await setTimeout(Math.random() * spreadMs);
    }
  }
  void stay();
  function close() {
    wanted = false;
    page.socket?.close();
  }
  return page;
}

test('[F40] thousands of pages lose their server at once: all are shown where they stand again, and it does not fall a second time', async () => {
  const people = await inLanes(Array.from({ length: pages }), 16, () => crew.caller());
  const open = people.map(keepOpen);
  const shownSince = (at: number) => open.filter((page) => page.shownAt > at).length;
  await until('all pages are shown their view', async () => shownSince(0) === pages, 60_000);
  for (const page of open) page.tries = 0;
  await stack.kill('server1', 'SIGKILL');
  await until('all are dropped', async () => open.every((page) => page.socket === null));
  await stack.restart('server1');
  const up = performance.now();
  const pid = stack.pid('server1');
  await until('all are shown their view again', async () => shownSince(up - 1000) === pages, mostMs);
  const ms = open.map((page) => Math.max(0, page.shownAt - up));
  const tries = open.reduce((sum, page) => sum + page.tries, 0);
  console.log(
    `${pages} pages back: half in ${quantile(ms, 0.5).toFixed(0)} ms, 99 of 100 in ${quantile(ms, 0.99).toFixed(0)} ms, all in ${Math.max(...ms).toFixed(0)} ms; ${(tries / pages).toFixed(1)} tries each`,
  );
  expect(stack.running('server1')).toBe(true);
  expect(stack.pid('server1')).toBe(pid);
  expect(stack.output('server1')).not.toMatch(/"level":(50|60)/);
  for (const page of open) page.close();
});
