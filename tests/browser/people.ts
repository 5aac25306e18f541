import { deepEqual } from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { readDemoAccounts } from '@hearthline/server/demo/demoAccounts';
import { fromBase32, totp } from '@hearthline/server/auth/totp';
import { readLineFile } from '@hearthline/server/lines/lineFile';
import { weekdays, type LineConfig } from '@hearthline/shared/contracts/line';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type LaunchOptions,
  type Locator,
  type Page,
  type Request,
} from 'playwright-core';
import { ROOT, freshFolder, program, type Stack } from '../support/services.ts';

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

export const launchOptions: LaunchOptions = {
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
};
export const openBrowser = (): Promise<Browser> => chromium.launch(launchOptions);

const shots = join(ROOT, '.test-output', 'screenshots');
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true });
  await page.evaluate(() => scrollTo(0, 0)); // what sticks to the top belongs there
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

export interface Person {
  context: BrowserContext;
  page: Page;
  /** Requests to any other host (S24). */
  foreign: string[];
  /** Errors of the pages and of their consoles, but for the expected ones. */
  errors: string[];
  /** Patterns of console errors that the test itself brings about. */
  expected: RegExp[];
}

/** What a browser writes to the console by itself when a connection is cut. */
export const cutNetwork = /WebSocket connection to '[^']+' failed|Failed to load resource: net::ERR_/;
/** And when the server refuses what was typed. */
export const refusedCall = /Failed to load resource: the server responded with a status of 4\d\d/;

export interface PersonOptions {
  phone?: boolean;
  dark?: boolean;
  expected?: RegExp[];
  more?: BrowserContextOptions;
}

export const lookOf = ({ phone, dark, more }: PersonOptions): BrowserContextOptions => ({
  viewport: phone ? { width: 320, height: 700 } : { width: 1280, height: 900 },
  colorScheme: dark ? 'dark' : 'light',
  reducedMotion: 'reduce',
  locale: 'en-US',
  ...more,
});

/** A context of its own. `part` fails for everything that was asked of another host and for every error on its pages. */
export async function person(browser: Browser, options: PersonOptions = {}): Promise<Person> {
  const context = await browser.newContext(lookOf(options));
  return asPerson(context, await context.newPage(), options);
}

export function asPerson(context: BrowserContext, page: Page, { expected = [] }: PersonOptions = {}): Person {
  const one: Person = { context, page, foreign: [], errors: [], expected };
  watch(one, page);
  context.on('page', (another) => watch(one, another));
  return one;
}

function watch(one: Person, page: Page): void {
  page.on('request', (r: Request) => {
    const { hostname, protocol } = new URL(r.url());
    if (protocol.startsWith('http') && !['localhost', '127.0.0.1'].includes(hostname)) one.foreign.push(r.url());
  });
  page.on('pageerror', (e) => one.errors.push(e.message));
  page.on('console', (said) => {
    if (said.type() === 'error' && !one.expected.some((pattern) => pattern.test(said.text())))
      one.errors.push(`${said.text()} (${said.location().url})`);
  });
}

/** They go home; nothing of theirs may have asked another host or broken. */
export async function part(...people: Person[]): Promise<void> {
  for (const { context, foreign, errors } of people) {
    deepEqual({ foreign, errors }, { foreign: [], errors: [] });
    await context.close();
  }
}

/** Imports the example line with other values, as an administrator does. Servers read it within 5 s, a worker when it starts. */
export async function changeLine(stack: Stack, over: Partial<LineConfig>): Promise<void> {
  const example = await readLineFile(join(ROOT, 'lines', 'example.yaml'));
  const file = join(freshFolder('line'), 'line.yaml'); // JSON is YAML
  writeFileSync(file, JSON.stringify({ ...example, ...allHours, ...over }));
  await program(join(ROOT, 'server', 'src', 'cli', 'line.ts'), stack.env, ['import', file]);
}
const allHours = {
  hours: Object.fromEntries(weekdays.map((day) => [day, [{ from: '00:00', to: '24:00' }]])),
  holidays: {},
  intakeStopsMinutes: 0,
};

/** A line whose offers stand this long, in the worker's mind too. */
export async function offerSeconds(stack: Stack, seconds: number): Promise<void> {
  await changeLine(stack, { offerSeconds: seconds });
  await stack.restart('worker1');
}

/** A bound in milliseconds that a machine shared with others is given its share of patience for. */
export const onThisMachine = (ms: number): number => ms * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

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
  await givePassword(page, url, account.email, account.password);
  await giveCode(page, codeOf(account.secret));
  await page.waitForURL(/\/staff\/(desk|on-call|board|soon)/);
}

export async function givePassword(page: Page, url: string, email: string, password: string): Promise<void> {
  await page.goto(`${url}/staff`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Go on' }).click();
}

export async function giveCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('One-time code').fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The six digits that a code app shows now for a secret in base32. */
export const codeOf = (secret: string): string => totp(fromBase32(secret), new Date()).code;

/** A peer of the demo at their desk, on shift. */
export async function atDesk(
  browser: Browser,
  stack: Stack,
  email: string,
  options: PersonOptions = {},
): Promise<Person> {
  const peer = await person(browser, options);
  await signIn(peer.page, stack.url, stack.dataDir, email);
  await goAvailable(peer.page);
  return peer;
}

export const offerTitle = 'Someone is waiting for you';

/** Accepts what is offered once it may be accepted, and waits for the talk. */
export async function accept(desk: Page): Promise<void> {
  await desk.locator('button:has-text("Accept"):not([aria-disabled="true"])').click();
  await desk.getByRole('textbox', { name: /^Write to/ }).waitFor();
}

/** Twice at once: the second press meets what the first has not changed yet, and nothing that stands below it. */
export const pressTwice = (button: Locator): Promise<void> =>
  button.evaluate((node: HTMLElement) => {
    node.click();
    node.click();
  });

export async function say(page: Page, text: string): Promise<void> {
  const field = page.getByRole('textbox', { name: /^Write to/ });
  await field.fill(text);
  await field.press('Enter');
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
