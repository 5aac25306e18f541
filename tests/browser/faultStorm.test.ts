import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import type { Browser } from 'playwright-core';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCrew, type Crew } from '../support/crew.ts';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { askForChat, atDesk, chromePath, cutNetwork, onThisMachine, openBrowser, part, person } from './people.ts';

const people = 150;
let stack: Stack;
let browser: Browser;
let crew: Crew;
const sockets: Socket[] = [];

describe.skipIf(!chromePath)('everybody comes back at once', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
    crew = await createCrew(stack.env);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.close();
    await crew?.close();
    await browser?.close();
    await stack?.stop();
  });

  test('[F40] a killed server drops everybody: once it is up all are back, and one page is complete in 5 s', async () => {
    const desk = await atDesk(browser, stack, 'maya@demo.example', { expected: [cutNetwork] });
    await desk.page.getByRole('radio', { name: 'Break' }).check();
    const caller = await person(browser, { phone: true, expected: [cutNetwork] });
    await askForChat(caller.page, stack.url, 'Dunlin');
    const first = caller.page.getByRole('heading', { name: 'You are first in line' });
    await first.waitFor();
    for (let n = 0; n < people; n++) {
      const { cookie } = await crew.caller();
      const socket = io(stack.url, {
        path: socketPath,
        transports: ['websocket'],
        query: { as: 'caller', v: protocolVersion, tab: `tab-${n}` },
        extraHeaders: { cookie, origin: stack.url },
        reconnectionDelay: 1000, // as our pages have it
        reconnectionDelayMax: 2000,
        randomizationFactor: 1,
        forceNew: true,
      });
      sockets.push(socket);
    }
    const connected = () => sockets.filter((one) => one.connected).length;
    await until('all are connected', async () => connected() === people, 30_000);
    await stack.kill('server1', 'SIGKILL');
    const dropped = caller.page.locator('.banner', { hasText: 'The connection dropped.' });
    await dropped.waitFor();
    await until('all are dropped', async () => connected() === 0);
    await stack.restart('server1');
    const up = performance.now();
    await dropped.waitFor({ state: 'detached' });
    await first.waitFor();
    expect(performance.now() - up).toBeLessThan(onThisMachine(5000));
    await until('all are back', async () => connected() === people, onThisMachine(10_000));
    expect(stack.running('server1')).toBe(true); // no second collapse
    await part(caller, desk);
  });
});
