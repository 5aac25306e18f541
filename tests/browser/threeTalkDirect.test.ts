import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { openCallBrowser } from './calling.ts';
import { chromePath } from './people.ts';
import { threeJourneys } from './threeJourney.ts';

let stack: Stack;
let browser: Browser;
describe.skipIf(!chromePath)('three people, browser to browser', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: { ...raisedLimits, HEARTHLINE_CALLS: 'direct' } });
    browser = await openCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });
  threeJourneys({ stack: () => stack, browser: () => browser, name: 'direct' });
});
