import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { freshFolder, raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  accept,
  asPerson,
  askForChat,
  atDesk,
  axe,
  bubbles,
  chromePath,
  cutNetwork,
  launchOptions,
  lookOf,
  offerSeconds,
  offerTitle,
  onThisMachine,
  openBrowser,
  part,
  person,
  say,
  shoot,
  type Person,
} from './people.ts';

let stack: Stack;
let browser: Browser;
let desk: Person;

async function talk(caller: Person, name: string): Promise<void> {
  await askForChat(caller.page, stack.url, name);
  await accept(desk.page);
  await caller.page.getByText('Maya is here').first().waitFor();
}

/** Both show the same words in the same order, each once, with nothing on its way (I12, I13). */
async function same(a: Page, b: Page, all: string[]): Promise<void> {
  const arrived = async (page: Page) =>
    (await bubbles(page)).length === all.length && (await page.locator('.msg-sending').count()) === 0;
  await until('both sides are complete', async () => (await arrived(a)) && (await arrived(b)), 30_000);
  const [seenByA, seenByB] = [await bubbles(a), await bubbles(b)];
  expect(seenByA).toEqual(seenByB);
  expect([...seenByA].sort()).toEqual([...all].sort());
}

async function goodbye(caller: Page): Promise<void> {
  await caller.getByRole('button', { name: 'End', exact: true }).click();
  await caller.getByRole('button', { name: 'Yes, end it' }).click();
  await caller.getByRole('heading', { name: /Thank you for talking with us/ }).waitFor();
  await desk.page.getByLabel('Topic').selectOption('Grief');
  await desk.page.getByLabel('How it ended').selectOption('Ended together');
  await desk.page.getByRole('radio', { name: '1, Light' }).check({ force: true });
  await desk.page.getByRole('button', { name: 'Save', exact: true }).click();
  await desk.page.getByRole('heading', { name: /Wrap-up/ }).waitFor({ state: 'detached' });
}

describe.skipIf(!chromePath)('bad links and odd browsers, in real Chromium', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    await offerSeconds(stack, 120);
    browser = await openBrowser();
    desk = await atDesk(browser, stack, 'maya@demo.example', { expected: [cutNetwork] });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[I12][I13][F25] the network goes and comes back while both write; the desk is reloaded in the middle', async () => {
    const caller = await person(browser, { phone: true, expected: [cutNetwork] });
    await talk(caller, 'Dipper');
    await say(caller.page, 'before');
    await desk.page.getByText('before').waitFor();

    await caller.context.setOffline(true);
    await caller.page.getByText('The connection dropped. We are trying again.').first().waitFor();
    await say(caller.page, 'first without a network');
    await say(caller.page, 'second without a network');
    await caller.page.getByText('Sending…').nth(1).waitFor();
    expect(await caller.page.locator('.msg-sending .bubble').allTextContents()).toEqual([
      'first without a network',
      'second without a network',
    ]);
    await shoot(caller.page, 'caller-offline-320-light');
    expect(await axe(caller.page)).toEqual([]);
    await say(desk.page, 'written while you were away');
    await desk.page.getByText('coming back', { exact: true }).first().waitFor();
    await caller.context.setOffline(false);
    const all = ['before', 'first without a network', 'second without a network', 'written while you were away'];
    await same(caller.page, desk.page, all);
    await caller.page.getByText('The connection dropped').first().waitFor({ state: 'detached' });
    const order = await bubbles(caller.page);
    expect(order.indexOf('first without a network')).toBeLessThan(order.indexOf('second without a network'));

    // the peer's side: no network, then a reload
    await desk.context.setOffline(true);
    await desk.page.getByText('You are offline.').waitFor();
    await caller.page.getByText('Maya is coming back').first().waitFor();
    await caller.page.getByText('We lost Maya’s connection.').waitFor();
    await shoot(caller.page, 'caller-peer-lost-320-light');
    expect(await axe(caller.page)).toEqual([]);
    await say(desk.page, 'from the train');
    await say(caller.page, 'I wait for you');
    await desk.context.setOffline(false);
    await same(caller.page, desk.page, [...all, 'from the train', 'I wait for you']);
    await caller.page.getByText('Maya is here').first().waitFor();
    await desk.page.reload();
    await desk.page.getByRole('textbox', { name: 'Write to Dipper' }).waitFor();
    await say(desk.page, 'reloaded');
    await same(caller.page, desk.page, [...all, 'from the train', 'I wait for you', 'reloaded']);
    await goodbye(caller.page);
    await part(caller);
  });

  test('[F25] where no WebSocket can be had the talk goes on over plain requests', async () => {
    const caller = await person(browser, { phone: true, expected: [cutNetwork] });
    await caller.page.routeWebSocket(/\/live/, (socket) => void socket.close());
    await askForChat(caller.page, stack.url, 'Wheatear');
    const since = performance.now();
    await desk.page.getByRole('heading', { name: offerTitle }).waitFor();
    await accept(desk.page);
    await caller.page.getByText('Slow connection.').first().waitFor();
    expect(performance.now() - since).toBeLessThan(onThisMachine(15_000));
    await caller.page.getByText('Maya is here').first().waitFor();
    await say(caller.page, 'by post');
    await desk.page.getByText('by post').waitFor();
    await say(desk.page, 'by return of post');
    await caller.page.getByText('by return of post').waitFor();
    await say(caller.page, 'it works');
    await same(caller.page, desk.page, ['by post', 'by return of post', 'it works']);
    await shoot(caller.page, 'caller-polling-320-light');
    expect(await axe(caller.page)).toEqual([]);
    await goodbye(caller.page);
    await part(caller);
  });

  test('[F27][B35] two tabs of one caller: one is live, the other says so and can take over', async () => {
    const caller = await person(browser, { phone: true });
    await talk(caller, 'Twite');
    await say(caller.page, 'in the first tab');
    await desk.page.getByText('in the first tab').waitFor();
    const second = await caller.context.newPage();
    await second.goto(`${stack.url}/talk`);
    const elsewhere = (page: Page) => page.getByRole('heading', { name: 'Open in another tab' });
    await elsewhere(second).waitFor();
    expect(await bubbles(second)).toEqual([]);
    await shoot(second, 'caller-second-tab-320-light');
    expect(await axe(second)).toEqual([]);
    await second.getByRole('button', { name: 'Use it here' }).click();
    await until('the words are here', async () => (await bubbles(second)).includes('in the first tab'));
    await elsewhere(caller.page).waitFor();
    expect(await bubbles(caller.page)).toEqual([]);
    await say(second, 'in the second tab');
    await desk.page.getByText('in the second tab').waitFor();
    // closing the one that is not in use takes nothing away
    await caller.page.close();
    await say(second, 'still here');
    await same(second, desk.page, ['in the first tab', 'in the second tab', 'still here']);
    await goodbye(second);
    await part({ ...caller, page: second });
  });

  test('[C1][B35] a browser that keeps no cookies is told so, with the numbers', async () => {
    const folder = freshFolder('profile');
    mkdirSync(join(folder, 'Default'));
    const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify(blocked));
    const context = await chromium.launchPersistentContext(folder, { ...launchOptions, ...lookOf({ phone: true }) });
    const caller = asPerson(context, await context.newPage());
    const { page } = caller;
    await page.goto(stack.url);
    await page.getByRole('link', { name: /Write/ }).click();
    await page.getByLabel(/I have read this/).check();
    await page.getByRole('button', { name: 'Take a place in line' }).click();
    await page
      .getByText(/cookie/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Call 988' }).first().waitFor();
    await shoot(page, 'caller-no-cookies-320-light');
    expect(await axe(page)).toEqual([]);
    await part(caller);
  });

  test('[C1][B35] with storage blocked the caller and the desk work all the same', async () => {
    const noStorage = () => {
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
        Object.defineProperty(window, name, {
          get: () => {
            throw new DOMException('Access is denied for this document.', 'SecurityError');
          },
        });
    };
    await desk.context.addInitScript(noStorage);
    await desk.page.reload();
    await desk.page.getByText('You are available.').waitFor();
    const caller = await person(browser, { phone: true });
    await caller.context.addInitScript(noStorage);
    await talk(caller, 'Ouzel');
    await say(caller.page, 'nothing is stored here');
    await say(desk.page, 'nor here');
    await same(caller.page, desk.page, ['nothing is stored here', 'nor here']);
    await desk.page.keyboard.press('Escape');
    await desk.page.getByRole('button', { name: /^Keys/ }).click();
    await desk.page.getByLabel('Use single letters').uncheck();
    await desk.page.keyboard.press('Escape');
    await goodbye(caller.page);
    await part(caller, desk);
  });
});
