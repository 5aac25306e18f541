import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { callJourneys } from './callJourney.ts';
import { openCallBrowser } from './calling.ts';
import { chromePath } from './people.ts';
import { mediaFigures } from './peerConnections.ts';

let stack: Stack;
let browser: Browser;
describe.skipIf(!chromePath)('calls browser to browser', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: { ...raisedLimits, HEARTHLINE_CALLS: 'direct' } });
    browser = await openCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });
  callJourneys({
    stack: () => stack,
    browser: () => browser,
    name: 'direct',
    addresses: async ({ caller, desk }) => {
      for (const { page } of [caller, desk]) expect((await mediaFigures(page)).connections).toBe(1);
    },
  });
});
