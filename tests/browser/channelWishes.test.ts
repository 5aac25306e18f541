import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { freePort } from '../support/stack.ts';
import { openCallBrowser } from './calling.ts';
import { atDesk, axe, chromePath, part, person, refusedCall, shoot } from './people.ts';

let browser: Browser;
const doors = (page: Page): Promise<string[]> =>
  page.getByRole('navigation', { name: 'How do you want to talk?' }).locator('b').allTextContents();

async function agree(page: Page): Promise<void> {
  await page.getByLabel(/I have read this/).check();
  await page.getByRole('button', { name: 'Take a place in line' }).click();
  await page.waitForURL(/\/talk$/);
}
async function through(page: Page, url: string, door: RegExp): Promise<void> {
  await page.goto(url);
  await page.getByRole('link', { name: door }).click();
  await agree(page);
}
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();

describe.skipIf(!chromePath)('how somebody wishes to talk, while they wait', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: { ...raisedLimits, HEARTHLINE_CALLS: 'direct' } });
    browser = await openCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[C3][RQ8] three doors; another way keeps the place and the focus, and no microphone stays open unseen', async () => {
    const desk = await atDesk(browser, stack, 'maya@demo.example');
    await desk.page.getByRole('radio', { name: 'Break' }).check();
    const [first, caller] = [await person(browser, { phone: true }), await person(browser, { phone: true })];
    const { page } = caller;
    await page.goto(stack.url);
    expect(await doors(page)).toEqual(['Write', 'Talk', 'Talk with picture']);
    expect(await page.locator('.door-first').count()).toBe(1);
    await through(first.page, stack.url, /^Write/);
    await first.page.getByText('You are first in line').waitFor();

    await through(page, stack.url, /^Talk By voice/);
    await page.getByText('You asked to talk by voice.').waitFor();
    const place = page.getByRole('heading', { name: 'You are second in line' });
    await place.waitFor();
    await page.getByText('Check your microphone').click();
    const check = page.getByText('Nobody hears or sees this.');
    await check.waitFor();
    await press(page, 'Write instead');
    await page.getByText('You asked to write.').waitFor({ state: 'attached' });
    await check.waitFor({ state: 'detached' });
    await until('the focus is where the button was', () =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') === 'How you will talk'),
    );
    await place.waitFor();
    await press(page, 'With picture');
    await page.getByText('You asked to talk with picture.').waitFor();
    expect(await page.locator('details', { hasText: 'Check your microphone' }).getAttribute('open')).toBeNull();
    expect(await check.count()).toBe(0); // closed is off
    await place.waitFor();
    expect(await axe(page)).toEqual([]);
    await part(first, caller, desk);
  });

  test('[C3] a wish is asked once: after leaving it is a chat, and through the first page again it counts for the place one has', async () => {
    const desk = await atDesk(browser, stack, 'idris@demo.example');
    await desk.page.getByRole('radio', { name: 'Break' }).check();
    const caller = await person(browser, { phone: true });
    const { page } = caller;
    await through(page, stack.url, /^Talk By voice/);
    await page.getByText('You asked to talk by voice.').waitFor();
    await press(page, 'Leave the line');
    await press(page, 'Yes, leave the line');
    await page.getByRole('heading', { name: 'You left the line.' }).waitFor();
    await press(page, 'Take a place in line');
    await page.getByText('You asked to write.').waitFor({ state: 'attached' });
    await page.reload();
    await page.getByText('You asked to write.').waitFor({ state: 'attached' });
    await through(page, stack.url, /^Talk with picture/);
    await page.getByText('You asked to talk with picture.').waitFor();
    await part(caller, desk);
  });
});

describe.skipIf(!chromePath)('asking for what nobody on shift takes', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: { ...raisedLimits, HEARTHLINE_CALLS: 'direct' } });
    browser = await openCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });
  const untaken = 'Nobody takes calls right now.';

  test('[LN2] the doors are what somebody takes; whoever waits is told at once, keeps the place, and sees it come back', async () => {
    const desk = await atDesk(browser, stack, 'maya@demo.example');
    await desk.page.getByRole('radio', { name: 'Break' }).check();
    await desk.page.getByText('I take 2 chats').click();
    const take = (name: string) => desk.page.getByRole('checkbox', { name });
    const [before, late] = [await person(browser, { phone: true }), await person(browser, { phone: true })];
    const { page } = before;
    const other = (name: string) => page.getByRole('button', { name, exact: true });
    await through(page, stack.url, /^Talk By voice/);
    const place = page.getByRole('heading', { name: 'You are first in line' });
    await place.waitFor();
    await other('With picture').waitFor();
    const banner = page.getByRole('status').filter({ hasText: untaken });
    expect(await banner.count()).toBe(0);

    await take('Voice').uncheck();
    await banner.waitFor();
    expect(await banner.innerText()).toContain('You can write instead: somebody is here for that.');
    await take('Video').uncheck();
    await other('With picture').waitFor({ state: 'detached' });
    expect(await other('Write instead').count()).toBe(1);
    await place.waitFor();
    await shoot(page, 'wait-untaken-320-light');
    expect(await axe(page)).toEqual([]);

    await late.page.goto(stack.url);
    expect(await doors(late.page)).toEqual(['Write']);
    await late.page.goto(`${stack.url}/start?by=voice`);
    await late.page.getByText(untaken).waitFor();
    await late.page.getByText('You can write instead: somebody is here for that.').waitFor();
    await shoot(late.page, 'start-untaken-320-light');
    expect(await axe(late.page)).toEqual([]);
    // it was taken when the page was read
    await late.page.locator('form[data-then]').evaluate((form) => form.setAttribute('data-then', '/talk?by=voice'));
    await agree(late.page);
    await late.page.getByRole('status').filter({ hasText: untaken }).waitFor();
    await late.page.getByRole('heading', { name: 'You are second in line' }).waitFor();

    await other('Write instead').click();
    await page.getByText('You asked to write.').waitFor({ state: 'attached' });
    await banner.waitFor({ state: 'detached' });
    await place.waitFor();
    await take('Voice').check();
    await late.page.getByText(untaken).waitFor({ state: 'detached' });
    await other('Talk instead').waitFor();
    await take('Chat').uncheck();
    await page.getByRole('status').filter({ hasText: 'Nobody answers in writing right now.' }).waitFor();
    await page.getByText('You can talk instead: somebody is here for that.').waitFor();
    await late.page.goto(stack.url);
    expect(await doors(late.page)).toEqual(['Talk']);
    await part(before, late, desk);
  });
});

describe.skipIf(!chromePath)('asking to talk while the media server is down', () => {
  let stack: Stack;
  beforeAll(async () => {
    const media = { LIVEKIT_API_KEY: 'testkey', LIVEKIT_API_SECRET: 'a secret of the tests, long enough for livekit' };
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    stack = await startStack({ seed: true, env: { ...raisedLimits, ...media, LIVEKIT_URL: nowhere } });
    browser = await openCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[ME8] the first page says so and offers writing; whoever asked a moment before is told, and can write', async () => {
    const desk = await atDesk(browser, stack, 'maya@demo.example');
    await desk.page.getByRole('radio', { name: 'Break' }).check();
    const caller = await person(browser, { phone: true, expected: [refusedCall, /status of 503/] });
    const { page } = caller;
    const down = page.getByText('Calls do not work right now. You can write.');
    await until('the media server is missed', async () => {
      await page.goto(stack.url);
      return (await down.count()) === 1;
    });
    expect(await doors(page)).toEqual(['Write']);
    await shoot(page, 'caller-home-no-calls-320-light');
    expect(await axe(page)).toEqual([]);
    await page.goto(`${stack.url}/start?by=voice`);
    await down.waitFor();
    // it went down after the page was read
    await page.locator('form[data-then]').evaluate((form) => form.setAttribute('data-then', '/talk?by=voice'));
    await agree(page);
    await page.getByText('Calls do not work right now. You can go on in text.').waitFor();
    await shoot(page, 'caller-talk-no-calls-320-light');
    expect(await axe(page)).toEqual([]);
    await press(page, 'Write instead');
    await page.getByRole('heading', { name: 'You are first in line' }).waitFor();
    expect(await page.getByRole('button', { name: 'Talk instead' }).count()).toBe(0);
    await part(caller, desk);
  });
});
