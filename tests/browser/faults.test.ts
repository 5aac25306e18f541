import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { startOwnServices, type OwnServices } from './ownServices.ts';
import {
  accept,
  askForChat,
  atDesk,
  axe,
  bubbles,
  chromePath,
  cutNetwork,
  onThisMachine,
  openBrowser,
  part,
  person,
  say,
  shoot,
  signIn,
  type Person,
} from './people.ts';

let services: OwnServices;
let stack: Stack;
let browser: Browser;
let desk: Person;
const dropped = 'The connection dropped. We are trying again.';
const stuck = 'Messages are not going through right now.';
const serverAway = /Failed to load resource: the server responded with a status of 5\d\d/;
const expected = [cutNetwork, serverAway];

const announced = (page: Page) => page.locator('p.sr[role=status]').first();
const banner = (page: Page, words: string) => page.locator('.banner', { hasText: words });
const state = (name: string) => desk.page.getByRole('radio', { name }).check();
const draft = (page: Page) => page.getByRole('textbox', { name: /^Write to/ });

/** How long something takes, and that it is no longer than a bound on a machine with room. */
async function within(ms: number, what: Promise<unknown>): Promise<void> {
  const since = performance.now();
  await what;
  expect(performance.now() - since).toBeLessThan(onThisMachine(ms));
}

/** Every title the page has had since, so that a number which rose for a moment is seen too. */
async function watchTitle(page: Page): Promise<() => Promise<string[]>> {
  const titles = () => page.evaluate(() => (window as unknown as { titles: string[] }).titles);
  await page.evaluate(() => {
    const seen: string[] = [];
    const note = () => {
      const now = document.querySelector('h1')?.textContent?.trim() ?? '';
      if (seen.at(-1) !== now) seen.push(now);
    };
    note();
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true });
    Object.assign(window, { titles: seen });
  });
  return titles;
}

async function waits(name: string): Promise<Person> {
  const caller = await person(browser, { phone: true, expected });
  await askForChat(caller.page, stack.url, name);
  await caller.page.getByRole('heading', { name: /in line|You are next/ }).waitFor();
  return caller;
}

async function talks(name: string): Promise<Person> {
  const caller = await waits(name);
  await accept(desk.page);
  await draft(caller.page).waitFor();
  return caller;
}

/** Both sides show the same words, each once. */
async function same(caller: Page, words: string[], ms = 15_000): Promise<void> {
  const complete = async () =>
    (await bubbles(caller)).length >= words.length && (await bubbles(desk.page)).length >= words.length;
  await until('both sides are complete', complete, onThisMachine(ms));
  expect(await bubbles(caller)).toEqual(words);
  expect(await bubbles(desk.page)).toEqual(words);
}

/** The caller ends the talk, and the peer is done with it. */
async function goodbye(caller: Person): Promise<void> {
  await caller.page.getByRole('button', { name: 'End', exact: true }).click();
  await caller.page.getByRole('button', { name: 'Yes, end it' }).click();
  await caller.page.getByRole('heading', { name: /Thank you for talking with us/ }).waitFor();
  await desk.page.getByLabel('Topic').selectOption('Grief');
  await desk.page.getByLabel('How it ended').selectOption('Ended together');
  await desk.page.getByRole('radio', { name: '2, Some' }).check({ force: true });
  await desk.page.getByRole('button', { name: 'Save', exact: true }).click();
  await desk.page.getByRole('heading', { name: /Wrap-up/ }).waitFor({ state: 'detached' });
  await part(caller);
}

async function leaves(caller: Person): Promise<void> {
  await caller.page.getByRole('button', { name: 'Leave the line' }).click();
  await caller.page.getByRole('button', { name: 'Yes, leave the line' }).click();
  await caller.page.getByRole('heading', { name: 'You left the line.' }).waitFor();
  await part(caller);
}

describe.skipIf(!chromePath)('what people see when something breaks', () => {
  beforeAll(async () => {
    services = await startOwnServices();
    stack = await startStack({ ...services, seed: true, env: raisedLimits });
    browser = await openBrowser();
    desk = await atDesk(browser, stack, 'maya@demo.example', { expected });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await services?.stop();
  });

  test('[F1] the server is killed while they wait: told within 5 s, back by themselves, and the place never rises', async () => {
    await state('Break');
    const first = await waits('Siskin');
    const second = await waits('Twite');
    await second.page.getByRole('heading', { name: 'You are second in line' }).waitFor();
    const titles = await watchTitle(second.page);
    await stack.kill('server1', 'SIGKILL');
    await within(5000, banner(second.page, dropped).waitFor());
    await second.page.getByText('Your place is safe with us.').waitFor();
    expect(await announced(second.page).textContent()).toBe(dropped);
    await shoot(second.page, 'fault-waiting-320-light');
    expect(await axe(second.page)).toEqual([]);
    await stack.restart('server1');
    await within(5000, banner(second.page, dropped).waitFor({ state: 'detached' }));
    await until('it is announced no longer', async () => (await announced(second.page).textContent()) === '');
    await leaves(first);
    await second.page.getByRole('heading', { name: 'You are first in line' }).waitFor(); // what it says is alive
    expect(await titles()).toEqual(['You are second in line', 'You are first in line']);
    await leaves(second);
  });

  test('[F2] the server is killed in a talk: both are told, what they type stays, nobody is said to be here unseen', async () => {
    await state('Available');
    const caller = await talks('Linnet');
    await say(caller.page, 'before');
    await desk.page.getByText('before', { exact: true }).waitFor();
    await draft(caller.page).fill('half a sent');
    await draft(desk.page).fill('half an ans');
    await stack.kill('server1', 'SIGKILL');
    await within(5000, Promise.all([banner(caller.page, dropped).waitFor(), banner(desk.page, dropped).waitFor()]));
    await caller.page.locator('summary', { hasText: 'We cannot see if Maya is here' }).waitFor();
    expect(await caller.page.getByText('Maya is here', { exact: true }).count()).toBe(0);
    expect(await announced(caller.page).textContent()).toBe(`${dropped} We cannot see if Maya is here`);
    await shoot(caller.page, 'fault-talk-320-light');
    await shoot(desk.page, 'fault-talk-1280-light');
    expect(await axe(caller.page)).toEqual([]);
    await draft(caller.page).pressSequentially('ence');
    await draft(caller.page).press('Enter');
    await draft(caller.page).fill('and the next');
    await stack.restart('server1');
    await within(5000, banner(caller.page, dropped).waitFor({ state: 'detached' }));
    await same(caller.page, ['before', 'half a sentence']);
    expect(await draft(caller.page).inputValue()).toBe('and the next');
    expect(await draft(desk.page).inputValue()).toBe('half an ans');
    await until('they are here again', async () => (await announced(caller.page).textContent()) === 'Maya is here');
    await goodbye(caller);
  });

  test('[F7] Redis is restarted with its data: the talk goes on, and who comes next is offered within 5 s', async () => {
    await state('Available');
    const caller = await talks('Serin');
    await say(caller.page, 'one');
    await services.restartRedis();
    await say(caller.page, 'two');
    await desk.page.getByText('two', { exact: true }).waitFor();
    await draft(desk.page).fill('three');
    await draft(desk.page).press('Enter');
    await same(caller.page, ['one', 'two', 'three']);
    expect(await banner(caller.page, dropped).count()).toBe(0);
    await goodbye(caller);
    await services.restartRedis();
    const next = await waits('Brambling');
    await within(5000, desk.page.locator('section.offer').waitFor());
    await accept(desk.page);
    await draft(next.page).waitFor();
    await goodbye(next);
  });

  test('[F12][F13][F14] PostgreSQL is away: the talk says so within 5 s, a newcomer gets the numbers, then all is sent once', async () => {
    await state('Available');
    const caller = await talks('Wren');
    await say(caller.page, 'before');
    await desk.page.getByText('before', { exact: true }).waitFor();
    const board = await person(browser, { expected });
    await signIn(board.page, stack.url, stack.dataDir, 'rosa@demo.example');
    await board.page.getByRole('heading', { name: 'Peers on shift' }).waitFor();
    await services.stopPostgres();
    const unsaved = board.page.getByRole('alert').filter({ hasText: 'Nothing can be saved right now.' });
    await say(caller.page, 'while it was away');
    await say(desk.page, 'I am with you');
    const alerts = [caller.page, desk.page].map((page) => page.getByRole('alert').filter({ hasText: stuck }).waitFor());
    await within(5000, Promise.all(alerts));
    await draft(caller.page).fill('typed meanwhile');
    await shoot(caller.page, 'fault-database-320-light');
    await shoot(desk.page, 'fault-database-1280-light');
    expect(await axe(caller.page)).toEqual([]);
    const newcomer = await person(browser, { phone: true, expected });
    await newcomer.page.goto(stack.url);
    await newcomer.page.getByRole('heading', { name: 'We cannot connect you right now.' }).waitFor();
    expect(await newcomer.page.locator('a[href="tel:988"]').count()).toBe(1);
    expect(await newcomer.page.getByRole('link', { name: /Write/ }).count()).toBe(0); // no promise that cannot be kept
    await shoot(newcomer.page, 'fault-database-newcomer-320-light');
    const back = await person(browser, { phone: true, expected });
    await back.context.addCookies([{ name: 'hl_caller', value: 'a'.repeat(43), url: stack.url }]);
    await back.page.goto(`${stack.url}/talk`); // a page that cannot be made without the database
    await back.page.getByRole('heading', { name: 'We cannot connect you right now.' }).waitFor();
    expect(await back.page.locator('a[href="tel:988"]').count()).toBe(1);
    await unsaved.waitFor();
    expect(await axe(board.page)).toEqual([]);
    await shoot(board.page, 'fault-database-board-1280-light');
    await services.startPostgres();
    await within(10_000, caller.page.getByRole('alert').waitFor({ state: 'detached' }));
    await until('all is sent', async () => (await caller.page.getByText('Sending…').count()) === 0, 20_000);
    await until(
      'both have three',
      async () => (await bubbles(caller.page)).length === 3 && (await bubbles(desk.page)).length === 3,
      15_000,
    );
    const seen = await bubbles(caller.page);
    expect(seen).toEqual(await bubbles(desk.page));
    expect([...seen].sort()).toEqual(['I am with you', 'before', 'while it was away']);
    expect(await draft(caller.page).inputValue()).toBe('typed meanwhile');
    await unsaved.waitFor({ state: 'detached' });
    await part(newcomer, back, board);
    await goodbye(caller);
  });
});
