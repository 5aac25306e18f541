import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { readDemoAccounts } from '@hearthline/server/demo/demoAccounts';
import { fromBase32, totp } from '@hearthline/server/auth/totp';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { ROOT } from '../support/services.ts';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];
/** The browser the runner found; undefined where there is none: the suite is then skipped by name. */
export const chromePath = process.env['HEARTHLINE_NO_BROWSER']
  ? undefined
  : (process.env['CHROME_PATH'] ?? places.find(existsSync));

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(chromePath ? { executablePath: chromePath } : {}),
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });

const shots = join(ROOT, '.test-output', 'screenshots');
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

/** A context of its own; every request to another host is a failure (S24). */
export async function person(
  browser: Browser,
  options: { phone?: boolean; dark?: boolean } = {},
): Promise<{ context: BrowserContext; page: Page; foreign: string[]; errors: string[] }> {
  const context = await browser.newContext({
    viewport: options.phone ? { width: 320, height: 700 } : { width: 1280, height: 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const foreign: string[] = [];
  const errors: string[] = [];
  page.on('request', (r) => {
    const { hostname, protocol } = new URL(r.url());
    if (protocol.startsWith('http') && !['localhost', '127.0.0.1'].includes(hostname)) foreign.push(r.url());
  });
  page.on('pageerror', (e) => errors.push(e.message));
  return { context, page, foreign, errors };
}

export async function askForChat(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('link', { name: /Write/ }).click();
  await page.getByLabel('What should we call you?').fill(name);
  await page.getByLabel(/I have read this/).check();
  await page.getByRole('button', { name: 'Take a place in line' }).click();
  await page.waitForURL(/\/talk$/);
}

export async function signIn(page: Page, url: string, dataDir: string, email: string): Promise<void> {
  const account = readDemoAccounts(dataDir).find((a) => a.email === email);
  if (!account?.secret) throw new Error(`no demo account ${email}`);
  await page.goto(`${url}/staff`);
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Go on' }).click();
  const field = page.getByLabel('One-time code');
  await field.waitFor();
  await field.fill(totp(fromBase32(account.secret), new Date()).code);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/staff\/(desk|board|soon)/);
}

export async function goAvailable(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start shift' }).click();
  await page.getByRole('radio', { name: 'Available' }).check();
}

/** @returns the rules that are broken, with where. */
export async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  return violations.map(
    (v) =>
      `${v.id}: ${v.nodes
        .map((n) => n.target.join(' '))
        .slice(0, 3)
        .join(' | ')}`,
  );
}

/** Words of the conversation as the reader sees them, in order. */
export const bubbles = (page: Page): Promise<string[]> =>
  page.locator('.msg:not(:has(.typing)) .bubble').allTextContents();
