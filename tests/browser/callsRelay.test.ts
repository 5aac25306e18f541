import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { startTestTurn, turnserver } from '../support/turn.ts';
import { callJourneys } from './callJourney.ts';
import { openCallBrowser } from './calling.ts';
import { chromePath } from './people.ts';
import { mediaFigures } from './peerConnections.ts';

let relay: Awaited<ReturnType<typeof startTestTurn>>;
let stack: Stack;
let browser: Browser;
describe.skipIf(!chromePath || !turnserver)('calls browser to browser through a real relay', () => {
  beforeAll(async () => {
    relay = await startTestTurn();
    stack = await startStack({ seed: true, env: { ...raisedLimits, ...relay.env, HEARTHLINE_CALLS: 'direct' } });
    browser = await openCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await relay?.stop();
  });
  callJourneys({
    stack: () => stack,
    browser: () => browser,
    name: 'relay',
    // [S26] nothing goes past the relay: neither side is told an address of the other
    addresses: async ({ caller, desk }) => {
      for (const { page } of [caller, desk]) {
        const f = await mediaFigures(page);
        expect(f.remoteTypes.filter((type) => type !== 'relay')).toEqual([]);
        expect(f.localPairTypes).toEqual(['relay']);
      }
    },
  });
});
