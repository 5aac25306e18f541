import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, program, raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  axe,
  chromePath,
  codeOf,
  giveCode,
  givePassword,
  goAvailable,
  onThisMachine,
  openBrowser,
  part,
  person,
  refusedCall,
  shoot,
} from './people.ts';

let stack: Stack;
let browser: Browser;
const email = 'noor@line.example';
const staff = (...args: string[]): Promise<string> =>
  program(join(ROOT, 'server', 'src', 'cli', 'staff.ts'), stack.env, args);
/** Six digits that are not the code, now or around now. */
const wrongCode = (secret: string): string => String((Number(codeOf(secret)) + 123_456) % 1_000_000).padStart(6, '0');
const signOut = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/staff\/sign-in$/);
};

describe.skipIf(!chromePath)('a new member of staff in real Chromium', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[P1][S5][O5] added on the command line, password, second factor, out and in, suspended', async () => {
    const told = await staff('add', '--email', email, '--name', 'Noor', '--role', 'peer');
    const password = /^ {2}(\S{20})$/m.exec(told)?.[1] ?? '';
    expect(password).toHaveLength(20);
    const desk = await person(browser, { expected: [refusedCall] });
    const { page } = desk;

    // a wrong password is told, and says nothing of whether the address is known
    await givePassword(page, stack.url, email, 'not the password at all');
    await page.getByText('That email and password do not fit together.').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL(/\/staff\/enrol$/);

    // the password alone opens no other page
    await page.goto(`${stack.url}/staff/desk`);
    await page.waitForURL(/\/staff\/enrol$/);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Show my code' }).click();
    await page.getByRole('heading', { name: 'Scan this with your code app' }).waitFor();
    const qr = page.getByRole('img', { name: 'QR code with the secret for your code app' });
    expect((await qr.boundingBox())?.width).toBeGreaterThan(150);
    const secret = ((await page.locator('.secret').textContent()) ?? '').replace(/\s/g, '');
    expect(secret).toMatch(/^[A-Z2-7]{32,}$/);
    await shoot(page, 'staff-enrol-1280-light');
    expect(await axe(page)).toEqual([]);

    // too short, wrong, right
    const field = page.getByLabel('One-time code');
    const finish = page.getByRole('button', { name: 'Finish' });
    await field.fill('12345');
    await finish.click();
    await page.getByText('That is five digits. The code has six.').waitFor();
    await field.fill(wrongCode(secret));
    await finish.click();
    await page.getByText('That is not the code right now. Wait for the next one and type it.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('code');
    await field.fill(codeOf(secret));
    await finish.click();

    await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
    const backups = await page.locator('.codes li').allTextContents();
    expect(new Set(backups).size).toBe(10);
    expect(await page.locator('body').innerText()).not.toContain(secret);
    await shoot(page, 'staff-codes-1280-light');
    expect(await axe(page)).toEqual([]);
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await page.waitForURL(/\/staff\/desk$/);
    await page.getByText('You are not on shift.').waitFor();
    await page.goBack();
    await page.waitForURL(/\/staff\/desk$/); // shown once: no way back to them
    await page.getByText('You are not on shift.').waitFor();
    for (const code of backups) expect(await page.locator('body').innerText()).not.toContain(code);

    // out, and in with both; a recovery code works once
    await signOut(page);
    await page.goto(`${stack.url}/staff/desk`);
    await page.waitForURL(/\/staff\/sign-in$/);
    await givePassword(page, stack.url, email, password);
    await giveCode(page, wrongCode(secret));
    await page.getByText('That is not the code right now. Wait for the next one and type it.').waitFor();
    await giveCode(page, codeOf(secret));
    await page.waitForURL(/\/staff\/desk$/);
    await signOut(page);
    const [backup = ''] = backups;
    const byBackup = async (): Promise<void> => {
      await givePassword(page, stack.url, email, password);
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await page.getByLabel('Recovery code').fill(backup);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await byBackup();
    await page.waitForURL(/\/staff\/desk$/);
    await signOut(page);
    await byBackup();
    await page.getByText('We do not know this recovery code, or it was used before.').waitFor();
    await page.getByRole('button', { name: 'Use my code app' }).click();
    await giveCode(page, codeOf(secret));
    await page.waitForURL(/\/staff\/desk$/);

    // suspended in the middle of a shift: out of the page within five seconds, and not in again (S3)
    await goAvailable(page);
    await page.getByText('You are available.').waitFor();
    await staff('suspend', '--email', email);
    const since = performance.now();
    await page.getByText('You were signed out.').waitFor();
    expect(performance.now() - since).toBeLessThan(onThisMachine(5000));
    expect(await page.getByText('You are available.').count()).toBe(0); // nothing of the desk is left on the screen
    await shoot(page, 'staff-signed-out-1280-light');
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.waitForURL(/\/staff\/sign-in$/);
    await givePassword(page, stack.url, email, password);
    await page.getByText('Your account is suspended. Your coordinator can tell you why.').waitFor();
    await shoot(page, 'staff-suspended-1280-light');
    expect(page.url()).toMatch(/\/staff\/sign-in/);
    await part(desk);
    expect(stack.output()).not.toContain(password);
    expect(stack.output()).not.toContain(secret);
  });
});
