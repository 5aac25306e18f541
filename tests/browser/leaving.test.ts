import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { until } from '../support/line.ts';
import { askForChat, axe, chromePath, goAvailable, openBrowser, person, refusedCall, shoot, signIn } from './people.ts';

let stack: Stack;
let browser: Browser;
const entries = (page: Page) => page.evaluate(() => history.length);
const thrice = async (page: Page) => {
  for (let i = 0; i < 3; i++) await page.keyboard.press('Shift');
};

describe.skipIf(!chromePath)('leaving without a trace on the screen', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[S20][S22] from the first page to the last there is one entry, and Back never leads into one of ours', async () => {
    const desk = await person(browser);
    await signIn(desk.page, stack.url, stack.dataDir, 'maya@demo.example');
    await goAvailable(desk.page);
    const { page, context, errors } = await person(browser, { phone: true, expected: [refusedCall] });
    await page.goto(stack.url);
    const before = await entries(page);
    await page.getByRole('link', { name: /Write/ }).click();
    await page.waitForURL(/\/start/);

    // a form that is refused stays the same page and says what is wrong
    await page.getByLabel('What should we call you?').fill('Robin');
    await page.getByRole('button', { name: 'Take a place in line' }).click();
    await page.getByText('Tick this first').waitFor();
    expect(await page.getByLabel('What should we call you?').inputValue()).toBe('Robin');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('agreed');
    expect(await axe(page)).toEqual([]);
    await page.getByLabel(/I have read this/).check();
    await page.getByRole('button', { name: 'Take a place in line' }).click();
    await page.waitForURL(/\/talk$/);

    const status = page.locator('p.sr[role=status]').first();
    await desk.page.locator('button:has-text("Accept"):not([aria-disabled="true"])').click();
    await page.getByLabel('Write to Maya').waitFor();
    await until('the arrival is announced', async () => (await status.textContent()) === 'Maya is here');
    await page.getByRole('button', { name: 'End', exact: true }).click();
    await shoot(page, 'caller-end-320-light');
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press('Escape'); // stay
    await page.getByRole('heading', { name: 'End this talk?' }).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('End');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Yes, end it' }).click();
    await page.getByRole('heading', { name: /Thank you for talking with us, Robin/ }).waitFor();
    await until(
      'the departure is announced',
      async () =>
        (await status.textContent()) === 'The talk has ended. Maya is gone from this page, and nobody else is here.',
    );
    expect(await entries(page)).toBe(before);

    await page.getByRole('link', { name: 'Leave this page' }).click();
    await page.waitForURL('about:blank');
    await page.goBack().catch(() => null);
    expect(page.url()).toBe('about:blank');
    expect(await page.locator('body').textContent()).toBe('');
    expect([...errors, ...desk.errors]).toEqual([]);
    await context.close();
    await desk.context.close();
  });

  test('[S20] Shift three times leaves, in every tab; it can be turned off', async () => {
    const desk = await person(browser);
    await signIn(desk.page, stack.url, stack.dataDir, 'idris@demo.example');
    await goAvailable(desk.page);
    const { page, context } = await person(browser, { phone: true, dark: true });
    await page.goto(stack.url);
    await page.getByText('Leaving in a hurry').click();
    await page.getByRole('switch', { name: /Shift three times/ }).uncheck();
    await shoot(page, 'caller-hurry-320-dark');
    expect(await axe(page)).toEqual([]);
    await thrice(page);
    await askForChat(page, stack.url, 'Lark');
    await thrice(page);
    expect(page.url()).toMatch(/\/talk$/);
    await page.getByText('Leaving in a hurry').click();
    const box = page.getByRole('switch', { name: /Shift three times/ });
    await until('the switch shows what is so', async () => !(await box.isChecked()));
    await box.check();

    const beside = await context.newPage();
    await beside.goto(`${stack.url}/help`);
    await page.bringToFront();
    await thrice(page);
    await page.waitForURL('about:blank');
    await beside.waitForURL('about:blank');
    expect(await page.locator('body').textContent()).toBe('');
    await context.close();
    await desk.context.close();
  });
});
