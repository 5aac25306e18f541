import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  agreeOn,
  bothHear,
  endOf,
  hears,
  inChat,
  joinWhereAsked,
  openCallBrowser,
  ready,
  withDevices,
} from './calling.ts';
import { chromePath, cutNetwork, part, person, refusedCall, signIn } from './people.ts';

const expected = [cutNetwork, refusedCall];
const secondTone = 1320;
const stageOf = (page: Page) => page.locator('[data-stage]').getAttribute('data-stage');
let stack: Stack;
let browser: Browser;

describe.skipIf(!chromePath)('one peer at two machines, browser to browser', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: { ...raisedLimits, HEARTHLINE_CALLS: 'direct' } });
    browser = await openCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[ME2] the call is where it was joined last; the other machine steps back and does not fight for it', async () => {
    const pair = await inChat(browser, stack, 'Maya', { expected });
    const { caller, desk } = pair;
    await agreeOn(caller.page, desk.page, 'Talk instead', 'Yes, talk');
    await Promise.all([joinWhereAsked(caller.page), joinWhereAsked(desk.page)]);
    await bothHear(pair);

    const second = await person(browser, { expected, more: withDevices });
    await ready(second, secondTone);
    await signIn(second.page, stack.url, stack.dataDir, 'maya@demo.example');
    await joinWhereAsked(second.page);
    await until('the first machine steps back', async () => (await stageOf(desk.page)) === 'away');
    await hears(caller.page, secondTone);
    await desk.page.getByRole('button', { name: 'Back to the call' }).click();
    await until('the second one does', async () => (await stageOf(second.page)) === 'away');
    await bothHear(pair);
    expect(await stageOf(desk.page)).toBe('in');
    await part(second);
    await bothHear(pair); // whoever goes without being in it ends nothing
    await endOf(pair);
  });
});
