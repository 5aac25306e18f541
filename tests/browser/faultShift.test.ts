import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  accept,
  askForChat,
  atDesk,
  axe,
  bubbles,
  chromePath,
  cutNetwork,
  offerTitle,
  openBrowser,
  part,
  person,
  say,
  shoot,
  signIn,
  type Person,
} from './people.ts';

let stack: Stack;
let browser: Browser;
const expected = [cutNetwork];
const dayMs = 86_400_000;
const offerSeconds = 25;

/** The clock of a device that is wrong by `ms`, in all of its pages from now on. */
async function wrongBy({ context }: Person, ms: number): Promise<void> {
  await context.addInitScript((by: number) => {
    const Right = Date;
    class Wrong extends Right {
      constructor(...args: [] | [number]) {
        super(...((args.length > 0 ? args : [Right.now() + by]) as [number]));
      }
      static override now(): number {
        return Right.now() + by;
      }
    }
    window.Date = Wrong as DateConstructor;
  }, ms);
}
async function asks(name: string, skewMs = 0): Promise<Person> {
  const caller = await person(browser, { phone: true, expected });
  if (skewMs !== 0) await wrongBy(caller, skewMs);
  await askForChat(caller.page, stack.url, name);
  return caller;
}
const state = (page: Page, name: string) => page.getByRole('radio', { name }).check();
/** Wraps up the one talk there was, and ends the shift. */
async function goesHome(page: Page): Promise<void> {
  await page.getByLabel('Topic').selectOption('Grief');
  await page.getByLabel('How it ended').selectOption('Ended together');
  await page.getByRole('radio', { name: '1, Light' }).check({ force: true });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: /Wrap-up/ }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'End shift' }).click();
  await page.getByRole('button', { name: 'Start shift' }).waitFor();
}
async function ends(caller: Person): Promise<void> {
  await caller.page.getByRole('button', { name: 'End', exact: true }).click();
  await caller.page.getByRole('button', { name: 'Yes, end it' }).click();
  await caller.page.getByRole('heading', { name: /Thank you for talking with us/ }).waitFor();
  await part(caller);
}

describe.skipIf(!chromePath)('what people see when a shift ends, a desk crashes or a clock is wrong', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[F29] clocks of devices that are wrong by a day: what is told of time is right', async () => {
    const maya = await person(browser, { expected });
    await wrongBy(maya, dayMs);
    await signIn(maya.page, stack.url, stack.dataDir, 'maya@demo.example');
    await maya.page.getByRole('button', { name: 'Start shift' }).click();
    await state(maya.page, 'Available');
    const caller = await asks('Wren', -dayMs);
    await maya.page.getByRole('heading', { name: offerTitle }).waitFor();
    await maya.page.getByText('0 min').first().waitFor(); // of waiting, not a day of it
    const left = Number(await maya.page.getByRole('timer').locator('b').innerText());
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(offerSeconds);
    await accept(maya.page);
    await say(caller.page, 'what time is it');
    await maya.page.getByText('what time is it', { exact: true }).waitFor();
    await say(maya.page, 'the right one');
    await until('both have both', async () => (await bubbles(caller.page)).length === 2);
    await ends(caller);
    await goesHome(maya.page);
    await part(maya);
  });

  test('[F35] the peer’s browser crashes in the wrap-up: what was filled in is there again', async () => {
    const idris = await atDesk(browser, stack, 'idris@demo.example', { expected });
    const caller = await asks('Sparrow');
    await accept(idris.page);
    await caller.page.getByRole('textbox', { name: 'Write to Idris' }).waitFor();
    await ends(caller);
    const { page } = idris;
    await page.getByLabel('Topic').selectOption('Grief');
    await page.getByLabel('Places you told them about').fill('the library on Elm street');
    await page.getByRole('radio', { name: '4, Heavy' }).check({ force: true });
    const typed = performance.now();
    await page.getByText('What you have filled in is kept').waitFor();
    expect(performance.now() - typed).toBeLessThan(5000);
    await shoot(page, 'fault-wrapup-kept-1280-light');
    expect(await axe(page)).toEqual([]);
    await page.goto('chrome://crash').catch(() => {}); // no page of ours sees it coming
    const again = await idris.context.newPage();
    await again.goto(`${stack.url}/staff/desk`);
    await until('it is filled in', async () => (await again.getByLabel('Topic').inputValue()) === 'Grief');
    expect(await again.getByLabel('Places you told them about').inputValue()).toBe('the library on Elm street');
    expect(await again.getByRole('radio', { name: '4, Heavy' }).isChecked()).toBe(true);
    await again.getByLabel('How it ended').selectOption('Ended together');
    await again.getByRole('button', { name: /^Save/ }).click();
    await again.getByRole('heading', { name: /Wrap-up/ }).waitFor({ state: 'detached' });
    await again.getByRole('button', { name: 'End shift' }).click();
    await idris.context.close();
  });

  test('[F44][F45] a shift that ends: no new offers, the talk stays; when the last peer is gone, who waits is told', async () => {
    const maya = await atDesk(browser, stack, 'maya@demo.example', { expected });
    const caller = await asks('Heron');
    await accept(maya.page);
    await state(maya.page, 'Break');
    const waiting = await asks('Moss');
    await waiting.page.getByRole('heading', { name: 'You are first in line' }).waitFor();
    await state(maya.page, 'Finishing');
    await waiting.page.getByText('Nobody can answer right now.').waitFor(); // a peer who finishes takes nobody new
    await say(caller.page, 'are you still there');
    await maya.page.getByText('are you still there', { exact: true }).waitFor();
    expect(await maya.page.getByRole('heading', { name: offerTitle }).count()).toBe(0);
    await state(maya.page, 'Break'); // back for a while
    await waiting.page.getByText('Nobody can answer right now.').waitFor({ state: 'detached' });
    await ends(caller);
    await goesHome(maya.page);
    const { page } = waiting;
    await page.getByText('Nobody can answer right now.').waitFor({ timeout: 5000 });
    expect(await page.getByRole('link', { name: 'Call 988' }).getAttribute('href')).toBe('tel:988');
    await page.getByRole('heading', { name: 'When we are open' }).waitFor();
    await shoot(page, 'fault-last-peer-gone-320-light');
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Leave the line' }).click();
    await page.getByRole('button', { name: 'Yes, leave the line' }).click();
    await page.getByRole('heading', { name: 'You left the line.' }).waitFor();
    await part(waiting, maya);
  });
});
