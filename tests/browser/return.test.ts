import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  accept,
  askForChat,
  axe,
  bubbles,
  chromePath,
  offerSeconds,
  openBrowser,
  part,
  person,
  refusedCall,
  say,
  shoot,
  signIn,
  type Person,
} from './people.ts';

let stack: Stack;
let browser: Browser;
const closed = (page: Page) => page.getByRole('heading', { name: 'This page is closed' }).waitFor();

/** Another device, on which the code is typed. */
async function comesBack(code: string, options: { dark?: boolean } = {}): Promise<Person> {
  const device = await person(browser, { phone: true, expected: [refusedCall], ...options });
  await device.page.goto(stack.url);
  await device.page.getByRole('link', { name: 'I have a return code from last time' }).click();
  await type(device.page, code);
  return device;
}
async function type(page: Page, code: string): Promise<void> {
  await page.getByLabel('The five words').fill(code);
  await page.getByRole('button', { name: 'Go back to it' }).click();
}

describe.skipIf(!chromePath)('the return code in real Chromium', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    await offerSeconds(stack, 120);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[RC1][RC2][C10] waiting, talking and after the end: the code brings them back, the old device says that it is closed', async () => {
    const desk = await person(browser);
    await signIn(desk.page, stack.url, stack.dataDir, 'maya@demo.example');
    await desk.page.getByRole('button', { name: 'Start shift' }).click();
    await desk.page.getByRole('radio', { name: 'Break' }).check(); // the line is open, nobody is offered yet

    const before = await person(browser, { phone: true });
    await askForChat(before.page, stack.url, 'Siskin');
    const phone = await person(browser, { phone: true });
    await askForChat(phone.page, stack.url, 'Whinchat');
    await phone.page.getByRole('heading', { name: 'You are second in line' }).waitFor();
    await phone.page.getByRole('button', { name: 'Give me a code' }).click();
    const code = (await phone.page.locator('.code').textContent()) ?? '';
    expect(code.trim().split(/\s+/)).toHaveLength(5);
    await shoot(phone.page, 'caller-code-320-light');

    // a wrong code is told, the right one has the very place; capitals and hyphens do not matter
    const lent = await comesBack('one two three four five');
    await lent.page.getByText('We do not know this code.').waitFor();
    await shoot(lent.page, 'caller-code-wrong-320-light');
    expect(await axe(lent.page)).toEqual([]);
    await type(lent.page, code.trim().toUpperCase().replaceAll(' ', '-'));
    await lent.page.getByRole('heading', { name: 'You are second in line' }).waitFor();
    expect(lent.page.url()).toBe(`${stack.url}/talk`); // the code is in no address (S13)
    await closed(phone.page);
    expect(await phone.page.locator('main').innerText()).not.toContain(code.trim());
    await shoot(phone.page, 'caller-elsewhere-320-light');

    // leaving at once by three presses of Shift: Back does not return, the place stays behind the code (S20, F26)
    await until('left', async () => {
      for (let n = 0; n < 3; n++) await lent.page.keyboard.press('Shift'); // on a busy machine its script may come late
      return lent.page.url() === 'about:blank';
    });
    await lent.page.goBack().catch(() => null); // before it was a form that was sent: the browser refuses to send it again
    expect(await lent.page.locator('body').innerText()).not.toMatch(/second in line|Whinchat/);
    await lent.page.goto(`${stack.url}/talk`);
    await lent.page.getByRole('heading', { level: 1 }).waitFor();
    expect(lent.page.url()).toBe(`${stack.url}/`);
    expect(await lent.page.locator('body').innerText()).not.toMatch(/second in line|Whinchat/);
    const tablet = await comesBack(code);
    await tablet.page.getByRole('heading', { name: 'You are second in line' }).waitFor();

    // the one before leaves, the talk begins
    await before.page.getByRole('button', { name: 'Leave the line' }).click();
    await before.page.getByRole('button', { name: 'Yes, leave the line' }).click();
    await tablet.page.getByRole('heading', { name: 'You are first in line' }).waitFor();
    await desk.page.getByRole('radio', { name: 'Available' }).check();
    await accept(desk.page);
    await say(tablet.page, 'I write from the tablet');
    await desk.page.getByText('I write from the tablet').waitFor();
    await say(desk.page, 'I am here');
    await tablet.page.getByText('I am here').waitFor();

    // in the middle of the talk, on a third device: everything is readable, both ways go on, the peer stays
    const laptop = await comesBack(code, { dark: true });
    await laptop.page.getByText('Maya is here').first().waitFor();
    const all = ['I write from the tablet', 'I am here'];
    await until('all is readable', async () => (await bubbles(laptop.page)).length === all.length);
    expect(await bubbles(laptop.page)).toEqual(all);
    await closed(tablet.page);
    expect(await bubbles(tablet.page)).toEqual([]);
    await say(laptop.page, 'and now from the laptop');
    await desk.page.getByText('and now from the laptop').waitFor();
    await until('the same on both', async () => (await bubbles(desk.page)).length === 3);
    expect(await bubbles(desk.page)).toEqual([...all, 'and now from the laptop']);

    // the peer ends it for abuse: the caller is not left without a number, and may still answer the survey
    await desk.page.getByRole('button', { name: 'End: Whinchat' }).click();
    await desk.page.getByRole('radio', { name: /^Abuse/ }).check();
    await shoot(desk.page, 'desk-end-1280-light');
    expect(await axe(desk.page)).toEqual([]);
    await desk.page.getByRole('button', { name: 'End the talk' }).click();
    await laptop.page.getByRole('heading', { name: 'Maya had to end this talk.' }).waitFor();
    expect(await laptop.page.getByRole('link', { name: 'Call 988' }).getAttribute('href')).toBe('tel:988');
    expect(await bubbles(laptop.page)).toEqual([]);
    await shoot(laptop.page, 'caller-after-abuse-320-dark');
    expect(await axe(laptop.page)).toEqual([]);
    await desk.page.getByLabel('Topic').selectOption('Something else');
    await desk.page.getByLabel('How it ended').selectOption('Abuse');
    await desk.page.getByRole('radio', { name: '4, Heavy' }).check({ force: true });
    await desk.page.getByText('After a 4 you rest for 20 minutes.').waitFor();
    await desk.page.getByRole('button', { name: 'Save and rest' }).click();
    await desk.page.getByText(/^You rest until/).waitFor();

    const later = await comesBack(code);
    await later.page.getByRole('heading', { name: 'Three short questions' }).waitFor();
    await closed(laptop.page);
    // pressed before the script is there: nothing is sent by the browser itself, and what was chosen stays
    const held = Promise.withResolvers<void>();
    await later.page.route('**/_app/**/*.js', async (route) => {
      await held.promise;
      await route.continue();
    });
    await later.page.reload({ waitUntil: 'commit' });
    const send = later.page.getByRole('button', { name: 'Send my answers' });
    const four = later.page.getByRole('radio', { name: /^4/ }).first();
    await until('it is chosen', async () => {
      await four.click({ force: true }); // the page is still being laid out
      return four.isChecked();
    });
    await send.click({ force: true });
    await four.press('Enter');
    expect(later.page.url()).toBe(`${new URL(later.page.url()).origin}/talk`);
    expect(await send.isDisabled()).toBe(true);
    held.resolve();
    await send.click();
    await later.page.getByText('Your answers are sent.').waitFor();
    await later.page.getByRole('link', { name: 'Call 988' }).waitFor();
    await part(desk, before, phone, lent, tablet, laptop, later);
  });
});
