import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { accountOf, codeOf, wrongCodeFor } from '../support/staffBrowser.ts';
import { until } from '../support/line.ts';
import {
  askForChat,
  axe,
  bubbles,
  chromePath,
  goAvailable,
  openBrowser,
  person,
  refusedCall,
  shoot,
  signIn,
} from './people.ts';

let stack: Stack;
let browser: Browser;

describe.skipIf(!chromePath)('the idle lock of a staff screen', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[S2] a locked screen holds no content, takes offers, and opens with the second factor', async () => {
    const desk = await person(browser, { expected: [refusedCall] });
    const { page } = desk;
    let keysAsked = 0;
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => void (String(payload).includes('"key.get"') && keysAsked++)),
    );
    await page.clock.install();
    await signIn(page, stack.url, stack.dataDir, 'maya@demo.example');
    await goAvailable(page);
    const caller = await person(browser, { phone: true });
    await askForChat(caller.page, stack.url, 'Sparrow');
    await page.locator('button:has-text("Accept"):not([aria-disabled="true"])').click();
    await caller.page.getByLabel('Write to Maya').fill('only for Maya');
    await caller.page.getByLabel('Write to Maya').press('Enter');
    await page.getByText('only for Maya').waitFor();
    const second = await page.context().newPage();
    await second.goto(`${stack.url}/staff/desk`);
    await second.getByText('only for Maya').waitFor();
    await page.bringToFront();

    // the sheets of the desk: the focus stays inside and comes back
    await page.locator('.pane-tools').getByRole('button', { name: 'Get help' }).click();
    await page.getByRole('dialog', { name: 'Get help' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
    await shoot(page, 'desk-help-1280-light');
    expect(await axe(page)).toEqual([]);
    for (let i = 0; i < 8; i++) await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until('the focus is back', () =>
      page.evaluate(() => document.activeElement?.textContent?.trim() === 'Get help'),
    );

    await page.clock.fastForward(14 * 60_000 + 10_000);
    await page.getByText('This screen locks in less than a minute.').waitFor();
    await shoot(page, 'desk-lock-soon-1280-light');
    await page.keyboard.press('Shift');
    await page.getByText('This screen locks in less than a minute.').waitFor({ state: 'detached' });

    await page.clock.fastForward(15 * 60_000 + 1000);
    for (const tab of [page, second]) {
      await tab.getByRole('heading', { name: 'This screen is locked' }).waitFor();
      expect(await tab.content()).not.toMatch(/only for Maya|Sparrow/);
    }
    await second.reload(); // the lock is the session's: a reload does not open it
    await second.getByRole('heading', { name: 'This screen is locked' }).waitFor();
    expect(await second.content()).not.toMatch(/only for Maya|Sparrow/);
    expect(await axe(page)).toEqual([]);
    await shoot(page, 'desk-locked-1280-light');

    // an offer comes, is taken, and nothing of it is shown
    const other = await person(browser, { phone: true, dark: true });
    await askForChat(other.page, stack.url, 'Heron');
    await page.getByRole('heading', { name: 'Someone is waiting for you' }).waitFor();
    expect(await page.content()).not.toContain('Heron');
    await shoot(page, 'desk-locked-offer-1280-light');
    await page.setViewportSize({ width: 320, height: 700 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await shoot(page, 'desk-locked-offer-320-dark');
    expect(await axe(page)).toEqual([]);
    await page.locator('button:has-text("Accept"):not([aria-disabled="true"])').click();
    await other.page.getByText('Maya is here').first().waitFor();
    await page.getByText('You took the offer.').waitFor();
    expect(await page.content()).not.toMatch(/only for Maya|Sparrow|Heron/);
    await page.setViewportSize({ width: 1280, height: 900 });

    const code = page.getByLabel('One-time code');
    const { secret } = accountOf(stack, 'maya');
    await code.fill(wrongCodeFor(secret));
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('We do not know this code.').waitFor();
    expect(await page.content()).not.toContain('only for Maya');
    const before = keysAsked;
    await code.fill(codeOf(secret));
    await page.getByRole('button', { name: 'Unlock' }).click();
    for (const tab of [page, second]) await until('the words are back', async () => (await bubbles(tab)).length === 1);
    await page.getByRole('heading', { name: /Heron/ }).waitFor();
    expect(keysAsked, 'its keys had been dropped').toBeGreaterThan(before);
    expect(desk.errors).toEqual([]);
    for (const p of [desk, caller, other]) await p.context.close();
  });
});
