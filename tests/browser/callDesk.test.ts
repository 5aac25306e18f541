import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { agreeOn, bothHear, inChat, joinWhereAsked, lockNow, openCallBrowser } from './calling.ts';
import { axe, chromePath, part, say } from './people.ts';

let stack: Stack;
let browser: Browser;
const focused = (page: Page): Promise<string | undefined> => page.evaluate(() => document.activeElement?.className);

describe.skipIf(!chromePath)('a call on the desk', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: { ...raisedLimits, HEARTHLINE_CALLS: 'direct' } });
    browser = await openCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[S2] [CH2] by keyboard; the focus stays; it goes on behind the lock without a word of text, and ends there', async () => {
    const pair = await inChat(browser, stack, 'Maya');
    const { caller, desk } = pair;
    await say(caller.page, 'only for Maya');
    await desk.page.getByText('only for Maya').waitFor();
    await agreeOn(caller.page, desk.page, 'Talk instead', 'Yes, talk');
    await Promise.all([joinWhereAsked(caller.page), joinWhereAsked(desk.page)]);
    await bothHear(pair);
    expect(await focused(desk.page)).toContain('stage');
    for (const { page } of [caller, desk]) expect(await axe(page)).toEqual([]);

    await desk.page.keyboard.press('Alt+KeyM');
    await desk.page.getByRole('button', { name: 'Mic off', pressed: true }).waitFor();
    await caller.page.getByText('Maya has the microphone off').waitFor();
    await desk.page.keyboard.press('Alt+KeyM');
    await desk.page.getByRole('button', { name: 'Mic on', pressed: false }).waitFor();

    expect(await lockNow(desk.page)).toBe(200);
    await desk.page.getByText('The call goes on').waitFor();
    expect(await axe(desk.page)).toEqual([]);
    await bothHear(pair);
    expect(await desk.page.content()).not.toContain('only for Maya');

    // whoever hangs up goes on writing; behind the lock the call is over too
    await caller.page.getByRole('button', { name: 'Hang up' }).click();
    await desk.page.getByText('The call goes on').waitFor({ state: 'detached' });
    expect(await caller.page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
    await caller.page.getByRole('button', { name: 'Talk instead' }).waitFor();
    await part(caller, desk);
  });
});
