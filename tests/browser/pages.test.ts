import { join } from 'node:path';
import { fromBase32, totp } from '@hearthline/server/auth/totp';
import { readDemoAccounts } from '@hearthline/server/demo/demoAccounts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pageRoutes } from '../support/routes.ts';
import { ROOT, program, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { axeFaults, withAxe } from '../support/axe.ts';
import { askForChat, chromePath, openBrowser, person, refusedCall, shoot, signIn } from './people.ts';

/** Which states of which page are looked at. A page of web/src/routes without a row fails, and so does a row not looked at. */
const states: Record<string, string[]> = {
  '/': ['home-nobody', 'home-open'],
  '/start': ['start', 'start-errors'],
  '/talk': ['talk-waiting', 'talk-live', 'talk-after'],
  '/code': ['code', 'code-wrong'],
  '/keep': ['keep'],
  '/help': ['help'],
  '/staff': [], // only ever sends on
  '/staff/sign-in': ['staff-sign-in', 'staff-sign-in-code'],
  '/staff/enrol': ['staff-enrol', 'staff-enrol-scan', 'staff-enrol-codes'],
  '/staff/soon': ['staff-soon'],
  '/staff/sessions': ['staff-sessions'],
  '/staff/desk': ['desk-off', 'desk-offer', 'desk-talk', 'desk-wrapup'],
  '/staff/board': ['board-empty', 'board-talk'],
  '/staff/on-call': ['staff-on-call'],
  '/staff/measures': ['staff-measures'],
  '/staff/roster': ['staff-roster', 'staff-roster-rotation'],
  nowhere: ['error-404'],
};
const widths = [320, 1280] as const;
const schemes = ['light', 'dark'] as const;
const zoomed = 640; // 1280 px at 200 %

/** What sticks out to the side. */
const sticksOut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    return [...document.querySelectorAll('body *')]
      .filter((e) => e.getBoundingClientRect().right > wide + 1)
      .slice(0, 3)
      .map((e) => `${e.tagName.toLowerCase()}.${e.className} to ${Math.round(e.getBoundingClientRect().right)}`)
      .concat(`page ${document.documentElement.scrollWidth} of ${wide}`);
  });
/** What still moves although the person asked for none. */
const moving = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    document
      .getAnimations()
      .filter((a) => a.playState === 'running' && Number(a.effect?.getComputedTiming().duration) > 10)
      .map((a) => (a instanceof CSSAnimation ? a.animationName : 'a transition')),
  );

/** Leaving is there on every page of a caller, in sight, and first in the order of focus (S20). */
const leaving = async (page: Page): Promise<string[]> => {
  const first = page.locator('a[href], button, input, textarea, select, summary, [tabindex]').first();
  const leaves = await first.evaluate((e) => e.matches('[data-leave]') && e.checkVisibility());
  return leaves ? [] : ['[S20] leaving this page is not what the first Tab comes to'];
};

if (!chromePath) console.warn('SKIPPED: axe, widths and modes of every page, there is no Chromium (set CHROME_PATH)');
describe.skipIf(!chromePath)('every page: axe, both schemes, 320 and 1280 px, 200 %, forced colours, no motion', () => {
  let stack: Stack;
  let browser: Browser;
  const seen = new Set<string>();
  const people: Awaited<ReturnType<typeof person>>[] = [];
  const someone = async () => {
    const p = await person(browser, { expected: [refusedCall] });
    await withAxe(p.context);
    people.push(p);
    return p.page;
  };
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterEach(async () => {
    for (const p of people.splice(0)) {
      expect(p.errors).toEqual([]);
      expect(p.foreign).toEqual([]);
      await p.context.close();
    }
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  async function judge(page: Page, name: string): Promise<void> {
    seen.add(name);
    const faults = /^(staff|desk|board)/.test(name) ? [] : await leaving(page);
    for (const width of widths)
      for (const scheme of schemes) {
        await page.setViewportSize({ width, height: width === 320 ? 700 : 900 });
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        faults.push(
          ...(await axeFaults(page, scheme === 'light' ? 'all' : 'colours')).map((f) => `${width} ${scheme} ${f}`),
        );
        faults.push(...(await sticksOut(page)).map((f) => `${width} ${scheme} sticks out: ${f}`));
        faults.push(...(await moving(page)).map((f) => `${width} ${scheme} moves: ${f}`));
        await shoot(page, `${name}-${width}-${scheme}`);
      }
    await page.setViewportSize({ width: zoomed, height: 450 });
    faults.push(...(await sticksOut(page)).map((f) => `200 % sticks out: ${f}`));
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'no-preference' });
    await page.setViewportSize({ width: 320, height: 700 });
    faults.push(...(await sticksOut(page)).map((f) => `forced colours sticks out: ${f}`));
    await shoot(page, `${name}-320-forced`);
    await page.emulateMedia({ forcedColors: null, colorScheme: null, reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 1280, height: 900 });
    expect.soft(faults, name).toEqual([]); // the other pages are looked at all the same
  }
  const visit = async (name: string, path: string, heading: string | RegExp) => {
    const page = await someone();
    await page.goto(stack.url + path);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await judge(page, name);
    return page;
  };

  test('[S20][S24][S47] the caller’s pages without a peer on shift', async () => {
    await Promise.all([
      visit('home-nobody', '/', 'Nobody can answer right now.'),
      visit('keep', '/keep', 'What we keep'),
      visit('help', '/help', 'Help in an emergency'),
      visit('error-404', '/nothing-here', 'There is nothing at this address.'),
      visit('start', '/start', 'Before we start').then(async (page) => {
        await page.getByRole('button', { name: 'Take a place in line' }).click();
        await page.getByText('Tick this first').waitFor();
        await judge(page, 'start-errors');
      }),
      visit('code', '/code', 'Your return code').then(async (page) => {
        await page.getByLabel('The five words').fill('river oak lantern moss sky');
        await page.getByRole('button', { name: 'Go back to it' }).click();
        await page.getByText('We do not know this code.').waitFor();
        await judge(page, 'code-wrong');
      }),
    ]);
  });

  test('[S4][S24][S47] sign-in, enrolment and the pages of staff without a desk', async () => {
    const said = await program(join(ROOT, 'server/src/cli/staff.ts'), stack.env, [
      ...['add', '--email', 'new@demo.example', '--name', 'Noor', '--role', 'peer'],
    ]);
    const password = /^ {2}(\S+)$/m.exec(said)?.[1] ?? '';
    const enrol = async () => {
      const page = await visit('staff-sign-in', '/staff', /Good|Hello/);
      await page.getByLabel('Email').fill('new@demo.example');
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.waitForURL(/\/staff\/enrol$/);
      await page.getByLabel('Password', { exact: true }).waitFor();
      await judge(page, 'staff-enrol');
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.locator('form button').click();
      await page.getByRole('img', { name: /QR code/ }).waitFor();
      await judge(page, 'staff-enrol-scan');
      const secret = (await page.locator('.secret').innerText()).replace(/\s/g, '');
      await page.getByLabel('One-time code').fill(totp(fromBase32(secret), new Date()).code);
      await page.locator('form button').click();
      await page.locator('.codes').waitFor();
      await judge(page, 'staff-enrol-codes');
    };
    const code = async () => {
      const page = await someone();
      await page.goto(`${stack.url}/staff`);
      const maya = readDemoAccounts(stack.dataDir).find((a) => a.email.startsWith('maya@'));
      await page.getByLabel('Email').fill(maya?.email ?? '');
      await page.getByLabel('Password', { exact: true }).fill(maya?.password ?? '');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByLabel('One-time code').waitFor();
      await judge(page, 'staff-sign-in-code');
    };
    const home = async (name: string, who: string) => {
      const page = await someone();
      await signIn(page, stack.url, stack.dataDir, `${who}@demo.example`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await judge(page, name);
    };
    const soon = async () => {
      const page = await someone();
      await signIn(page, stack.url, stack.dataDir, 'tom@demo.example');
      await page.goto(`${stack.url}/staff/soon`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await judge(page, 'staff-soon');
    };
    const sessions = async () => {
      const [page, twin] = [await someone(), await someone()];
      for (const each of [twin, page]) await signIn(each, stack.url, stack.dataDir, 'sam@demo.example');
      await page.getByRole('link', { name: 'Sam' }).click();
      await page.getByRole('heading', { name: 'Where you are signed in' }).waitFor();
      await judge(page, 'staff-sessions');
      await page.getByRole('button', { name: /^End it: Chrome on/ }).click();
      await page.getByText('Ended. Whoever used it is out.').waitFor();
      expect(await page.getByRole('listitem').filter({ hasText: 'Signed in' }).count()).toBe(1);
      await twin.getByRole('link', { name: 'Sign in again' }).waitFor();
    };
    const measures = async () => {
      const page = await someone();
      await signIn(page, stack.url, stack.dataDir, 'rosa@demo.example');
      await page.goto(`${stack.url}/staff/measures`);
      await page.getByText('No clinician was called in this time.').waitFor();
      await judge(page, 'staff-measures');
    };
    const roster = async () => {
      const page = await someone();
      await signIn(page, stack.url, stack.dataDir, 'rosa@demo.example');
      await page.goto(`${stack.url}/staff/roster`);
      await page.getByRole('heading', { name: 'On call now' }).waitFor();
      await judge(page, 'staff-roster');
      await page.getByRole('button', { name: 'Add a rotation' }).first().click();
      await page.getByRole('dialog', { name: /New rotation/ }).waitFor();
      await judge(page, 'staff-roster-rotation');
    };
    await Promise.all([
      enrol(),
      code(),
      roster(),
      measures(),
      sessions(),
      home('staff-on-call', 'ana'),
      soon(),
      home('board-empty', 'rosa'),
      home('desk-off', 'idris'),
    ]);
  });

  test('[S24][S47][S48] a talk from both sides and from the board', async () => {
    const [desk, board, caller, visitor] = [await someone(), await someone(), await someone(), await someone()];
    await signIn(desk, stack.url, stack.dataDir, 'maya@demo.example');
    await desk.getByRole('button', { name: 'Start shift' }).click();
    await desk.getByRole('radio', { name: 'Available' }).waitFor();
    await signIn(board, stack.url, stack.dataDir, 'rosa@demo.example');
    await visitor.goto(stack.url);
    await visitor.getByRole('link', { name: /Write/ }).waitFor();
    await askForChat(caller, stack.url, 'Sparrow');
    await caller.getByRole('heading', { name: /You are (first|next)/ }).waitFor();
    await Promise.all([judge(visitor, 'home-open'), judge(caller, 'talk-waiting')]);
    await desk.getByRole('radio', { name: 'Available' }).check();
    await desk.getByRole('heading', { name: 'Someone is waiting for you' }).waitFor();
    await judge(desk, 'desk-offer');
    await desk.locator('button:has-text("Accept"):not([aria-disabled="true"])').click();
    await caller.getByText('Maya is here').first().waitFor();
    await caller.getByLabel('Write to Maya').fill('hi. it’s been three weeks since my brother');
    await caller.getByLabel('Write to Maya').press('Enter');
    await desk.getByText('three weeks since my brother').waitFor();
    await desk
      .getByRole('textbox', { name: /Sparrow/ })
      .first()
      .fill('I’m glad you came. Take your time.');
    await desk
      .getByRole('textbox', { name: /Sparrow/ })
      .first()
      .press('Enter');
    await caller.getByText('I’m glad you came.').waitFor();
    await board.getByText('Maya').first().waitFor();
    await Promise.all([judge(caller, 'talk-live'), judge(desk, 'desk-talk'), judge(board, 'board-talk')]);
    await caller.getByRole('button', { name: 'End', exact: true }).click();
    await caller.getByRole('button', { name: 'Yes, end it' }).click();
    await caller.getByRole('heading', { name: /Thank you for talking with us/ }).waitFor();
    await desk.getByLabel('Topic').waitFor();
    await Promise.all([judge(caller, 'talk-after'), judge(desk, 'desk-wrapup')]);
  });

  test('every page has a row, and every row was looked at', () => {
    expect([...pageRoutes(), 'nowhere'].sort()).toEqual(Object.keys(states).sort());
    expect([...seen].sort()).toEqual(Object.values(states).flat().sort());
  });
});
