import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { bothHear, endOf, joinWhereAsked, openCallBrowser, ready, tones } from './calling.ts';
import { accept, atDesk, axe, chromePath, offerTitle, part, person, shoot, signIn } from './people.ts';

let stack: Stack;
let browser: Browser;

async function askToTalk(page: Page, door: RegExp, name: string): Promise<void> {
  await page.goto(stack.url);
  await page.getByRole('link', { name: door }).click();
  await page.getByLabel('What should we call you?').fill(name);
  await page.getByLabel(/I have read this/).check();
  await page.getByRole('button', { name: 'Take a place in line' }).click();
  await page.waitForURL(/\/talk$/);
}

describe.skipIf(!chromePath)('asking to talk', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: { ...raisedLimits, HEARTHLINE_CALLS: 'direct' } });
    browser = await openCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[C3][MA5] asked for by voice: checked while waiting, changed without losing the place, offered as what it is, heard', async () => {
    const desk = await atDesk(browser, stack, 'maya@demo.example', { more: { permissions: ['microphone'] } });
    await ready(desk, tones.peer);
    await desk.page.reload();
    await desk.page.getByText('I take 2 chats').click();
    const caller = await person(browser, { phone: true, more: { permissions: ['microphone'] } });
    await ready(caller, tones.caller);
    await askToTalk(caller.page, /^Talk By voice/, 'Robin');
    await caller.page.getByText('You asked to talk by voice.').waitFor();
    await desk.page.getByRole('checkbox', { name: 'Voice' }).uncheck();
    await until('Maya takes no calls', async () => (await desk.page.getByText(offerTitle).count()) === 0);
    await shoot(caller.page, 'wait-voice-320-light');
    expect(await axe(caller.page)).toEqual([]);
    await caller.page.getByText('Check your microphone').click();
    await caller.page.getByText('Your microphone hears you.').waitFor();
    await shoot(caller.page, 'wait-check-320-light');
    expect(await axe(caller.page)).toEqual([]);
    expect(await desk.page.getByText(offerTitle).count()).toBe(0);

    await caller.page.getByRole('button', { name: 'Write instead' }).click();
    await desk.page.getByText(offerTitle).waitFor(); // but chats
    await desk.page.getByRole('checkbox', { name: 'Voice' }).check();
    await caller.page.getByRole('button', { name: 'Talk instead' }).click(); // there again
    await desk.page.locator('.offer').filter({ hasText: 'Voice' }).waitFor();
    await caller.page.reload();
    await caller.page.getByText('You asked to talk by voice.').waitFor(); // the request holds it, not the address
    expect(await axe(desk.page)).toEqual([]);
    await accept(desk.page);
    await caller.page
      .locator('[data-stage="ready"]')
      .getByText(/network address/)
      .waitFor(); // before the microphone
    await shoot(caller.page, 'call-ready-320-light');
    expect(await axe(caller.page)).toEqual([]);
    await Promise.all([joinWhereAsked(caller.page), joinWhereAsked(desk.page)]);
    await bothHear({ caller, desk });
    expect(await axe(caller.page)).toEqual([]);
    expect(await axe(desk.page)).toEqual([]);
    const board = await person(browser);
    await signIn(board.page, stack.url, stack.dataDir, 'rosa@demo.example');
    await board.page.getByText('Calls go browser to browser.').waitFor();
    await part(board);
    await endOf({ caller, desk });
  });

  test('without a script the wish goes with the form', async () => {
    const desk = await atDesk(browser, stack, 'idris@demo.example');
    const visitor = await person(browser, { phone: true, more: { javaScriptEnabled: false } });
    await visitor.page.goto(stack.url);
    await visitor.page.getByRole('link', { name: /^Talk with picture/ }).click();
    await visitor.page.getByText('You asked to talk with picture.').waitFor();
    await visitor.page.getByLabel(/I have read this/).check();
    await visitor.page.getByRole('button', { name: 'Take a place in line' }).click();
    await visitor.page.waitForURL(/\/talk\?by=video$/);
    await part(visitor, desk);
  });
});
