import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { axe, chromePath, openBrowser, part, person, shoot, signIn } from './people.ts';

let stack: Stack;
let browser: Browser;

const layer = (page: Page, name: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) });
const onCallNow = (page: Page, name: string) =>
  page.locator('section[aria-labelledby=roster-now] dl > div').filter({ hasText: name });
const save = (page: Page) => page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();

async function looks(page: Page, name: string): Promise<void> {
  expect(await axe(page)).toEqual([]);
  await shoot(page, `${name}-1280-light`);
  await page.setViewportSize({ width: 320, height: 700 });
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await axe(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await shoot(page, `${name}-320-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

describe.skipIf(!chromePath)('the roster', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[RO7][RO8][RO4] a coordinator makes a weekly rotation and an exception, sees who is on call, and is told of gaps', async () => {
    const rosa = await person(browser, { more: { timezoneId: 'America/Chicago' } });
    const { page } = rosa;
    await signIn(page, stack.url, stack.dataDir, 'rosa@demo.example');
    await page.getByRole('heading', { name: 'Clinicians on call' }).waitFor(); // on the board
    await page.getByRole('link', { name: 'Roster', exact: true }).click();
    await page.getByText('Somebody can be called at any time of the next 14 days.').waitFor();
    await onCallNow(page, 'primary').getByText('Ana').waitFor();
    await onCallNow(page, 'backup').getByText('nurse practitioner').waitFor();
    await looks(page, 'roster-seeded');

    // another layer, and a rotation by keyboard: what is missing is said at its field
    await page.getByLabel('Name of another layer').fill('Primary');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('There is a layer of that name.').waitFor();
    await page.getByLabel('Name of another layer').fill('nights');
    await page.keyboard.press('Enter');
    await layer(page, 'nights').getByText('No rotation yet: nobody is on.').waitFor();
    await layer(page, 'nights').getByRole('button', { name: 'Add a rotation' }).focus();
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog', { name: 'New rotation, nights' });
    await sheet.getByLabel('First hand-over').fill('2026-01-05T09:00');
    await sheet.getByLabel('Time zone').fill('America/Riverbend');
    await save(page);
    await sheet.getByText('There is no such zone.').waitFor();
    await sheet.getByText('Choose at least one person.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toMatch(/-zone$/);
    await looks(page, 'roster-rotation-errors');
    await sheet.getByLabel('Time zone').fill('America/Chicago');
    for (const name of ['Ana', 'Tom']) await sheet.getByRole('combobox', { name: 'Add a person' }).selectOption(name);
    await sheet.getByRole('button', { name: 'Move Tom up' }).press('Enter');
    expect(await sheet.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringContaining('1. Tom'),
      expect.stringContaining('2. Ana'),
    ]);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Move Tom up');
    await sheet.getByLabel('Hand-over', { exact: true }).selectOption('A rule of my own');
    await sheet.getByLabel('Rule', { exact: true }).fill('FREQ=SECONDLY');
    await save(page);
    await sheet.getByText('We cannot work out this rule.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toMatch(/-rule$/);
    await sheet.getByLabel('Hand-over', { exact: true }).selectOption('Every week');
    await save(page);
    await sheet.waitFor({ state: 'detached' });
    const nights = layer(page, 'nights');
    await nights.getByText('Every Monday at 9:00 AM').waitFor();
    await nights.getByText('In turn: Tom, Ana.').waitFor();
    const weeks = Math.floor((Date.now() - Date.parse('2026-01-05T15:00:00Z')) / (7 * 86_400_000)); // Chicago is at 15:00Z, in summer at 14:00Z
    const now = weeks % 2 === 0 ? 'Tom' : 'Ana';
    await onCallNow(page, 'nights').getByText(now).first().waitFor();
    expect(await nights.getByRole('row').count()).toBe(1 + 3); // two hand-overs in 14 days

    // an exception that begins now
    await nights.getByRole('button', { name: 'Add an exception' }).click();
    const other = page.getByRole('dialog', { name: 'Exception, nights' });
    await save(page);
    await other.getByText('Choose who is on.').waitFor();
    await other.getByLabel('Who is on').selectOption('Nobody');
    await looks(page, 'roster-exception');
    await save(page);
    await other.waitFor({ state: 'detached' });
    await onCallNow(page, 'nights').getByText('nobody', { exact: true }).first().waitFor();
    await nights.getByRole('button', { name: /^Remove: .* to / }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await onCallNow(page, 'nights').getByText(now).first().waitFor();

    // without the layers of the ladder: a gap on this page and on the board
    for (const name of ['primary', 'backup', 'nights']) {
      await page.getByRole('button', { name: `Remove the layer “${name}”` }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await layer(page, name).waitFor({ state: 'detached' });
    }
    await page.getByText('Nobody can be called right now.').waitFor();
    await page.getByText('The roster is empty.').waitFor();
    await page.getByRole('button', { name: 'Make “primary”' }).waitFor();
    await looks(page, 'roster-empty');
    await page.getByRole('link', { name: 'Board' }).click();
    await page.getByText('Nobody is on call now.').waitFor();
    await looks(page, 'board-gap');
    await part(rosa);
  });

  test('[RO7] what somebody else has changed meanwhile is not undone; offline it says so and keeps what it showed', async () => {
    const [one, two] = [await person(browser), await person(browser, { expected: [/ERR_INTERNET|WebSocket/] })];
    await signIn(one.page, stack.url, stack.dataDir, 'rosa@demo.example');
    await signIn(two.page, stack.url, stack.dataDir, 'sam@demo.example');
    for (const { page } of [one, two]) {
      await page.goto(`${stack.url}/staff/roster`);
      await page.getByLabel('Name of another layer').waitFor();
    }
    await one.page.getByRole('button', { name: 'Make “primary”' }).click();
    await layer(one.page, 'primary').waitFor();
    await two.page.getByLabel('Name of another layer').fill('weekend');
    await two.page.getByRole('button', { name: 'Add', exact: true }).click();
    await two.page.getByText('Somebody else changed the roster meanwhile.').waitFor();
    await layer(two.page, 'primary').waitFor(); // as it is now
    await two.page.getByRole('button', { name: 'Add', exact: true }).click();
    await layer(two.page, 'weekend').waitFor();
    await two.context.setOffline(true);
    await two.page
      .getByText(/You are offline|The connection dropped/)
      .first()
      .waitFor();
    await layer(two.page, 'weekend').waitFor();
    await two.context.setOffline(false);
    await part(one, two);
  });
});
