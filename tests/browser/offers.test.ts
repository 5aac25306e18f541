import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  accept,
  askForChat,
  atDesk,
  axe,
  chromePath,
  offerSeconds,
  offerTitle,
  onThisMachine,
  openBrowser,
  part,
  person,
  shoot,
  type Person,
} from './people.ts';

let stack: Stack;
let browser: Browser;
let desks: Person[];
const none = { state: 'detached' } as const;
const title = (page: Page) => page.getByRole('heading', { name: offerTitle });
const button = (page: Page, name: RegExp) => page.getByRole('button', { name });

/** Who of these is asked now: their page shows the offer. */
const asked = (among: Person[]): Promise<Person> =>
  Promise.any(
    among.map(async (one) => {
      await title(one.page).waitFor();
      return one;
    }),
  );
const others = (than: Person): Person => {
  const other = desks.find((one) => one !== than);
  if (!other) throw new Error('two desks');
  return other;
};

/** The moment the offer appears on a page, on this machine's clock. */
const appears = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((seen) => {
        const watch = new MutationObserver(() => {
          if (!document.querySelector('section.offer')) return;
          watch.disconnect();
          seen(Date.now());
        });
        watch.observe(document.body, { childList: true, subtree: true });
      }),
  );

/** Keeps every heading the caller's page shows from now on. */
const keepHeadings = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const said = new Set<string>();
    const look = () => {
      const heading = document.querySelector('main h1')?.textContent?.trim();
      if (heading) said.add(heading);
      document.body.dataset['said'] = [...said].join('|');
    };
    new MutationObserver(look).observe(document.querySelector('main') ?? document.body, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    look();
  });
const headings = async (page: Page): Promise<string[]> =>
  (await page.evaluate(() => document.body.dataset['said'] ?? '')).split('|');

/** Since when the only live request waits, in milliseconds. */
async function joinedAt(): Promise<number> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ at: Date }>(
      `select first_joined_at as at from request where state in ('waiting', 'offered')`,
    );
    expect(rows).toHaveLength(1);
    return rows[0]?.at.getTime() ?? 0;
  } finally {
    await client.end();
  }
}

describe.skipIf(!chromePath)('offers in real Chromium', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    await offerSeconds(stack, 10);
    browser = await openBrowser();
    desks = await Promise.all(['maya', 'idris'].map((who) => atDesk(browser, stack, `${who}@demo.example`)));
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[OF2][OF4][OF5][P3] unanswered it goes on with its age, the silent peer is paused; declined it goes on too', async () => {
    const caller = await person(browser, { phone: true });
    const seen = Promise.any(desks.map((one) => appears(one.page)));
    await askForChat(caller.page, stack.url, 'Sparrow');
    const first = await asked(desks);
    const second = others(first);
    const joined = await joinedAt();
    expect((await seen) - joined).toBeLessThan(onThisMachine(1000));
    await caller.page.getByText('Somebody is reading what you asked for.').waitFor();
    await keepHeadings(caller.page);
    const left = async () => Number(await first.page.locator('.ring b').textContent());
    const atFirst = await left();
    expect(atFirst).toBeLessThanOrEqual(10);
    await first.page.waitForFunction((n) => Number(document.querySelector('.ring b')?.textContent) < n, atFirst);
    expect(await second.page.locator('section.offer').count()).toBe(0); // one at a time

    // nobody presses anything
    await title(second.page).waitFor();
    await first.page.getByText('You are paused.', { exact: true }).waitFor();
    await first.page.getByText('The time to answer was over, so we paused you. No mark against you.').waitFor();
    await first.page.getByText('Sparrow went to another peer. You are paused until you come back.').waitFor();
    expect(await first.page.getByRole('radio', { name: 'Available' }).isChecked()).toBe(false);
    expect(await joinedAt()).toBe(joined); // the age is kept
    await shoot(first.page, 'desk-paused-1280-light');
    expect(await axe(first.page)).toEqual([]);

    // the second is silent too: nobody is reading, and the caller is not told otherwise
    await second.page.getByText('You are paused.', { exact: true }).waitFor();
    await caller.page.getByRole('heading', { name: 'You are first in line' }).waitFor();
    expect(await caller.page.getByText('Somebody is reading').count()).toBe(0);

    // back by their own word only; then a longer line, so that a slow machine has time to press
    await offerSeconds(stack, 120);
    await button(first.page, /I’m back/).click();
    await title(first.page).waitFor();
    await first.page.getByText('You are paused.', { exact: true }).waitFor(none);
    expect(await first.page.getByRole('radio', { name: 'Available' }).isChecked()).toBe(true);
    expect(await joinedAt()).toBe(joined);
    await caller.page.getByRole('heading', { name: 'You are next' }).waitFor();
    await button(second.page, /I’m back/).click();
    await button(first.page, /Not now/).click();
    await first.page.getByText('Passed on. You are still available.').waitFor();
    await title(second.page).waitFor();
    expect(await joinedAt()).toBe(joined);
    await title(first.page).waitFor(none);
    await accept(second.page);
    await caller.page
      .getByText(/^(Maya|Idris) is here$/)
      .first()
      .waitFor();

    const said = await headings(caller.page);
    expect(said.filter((one) => !['You are next', 'You are first in line'].includes(one))).toEqual([]);
    await caller.page.getByRole('button', { name: 'End', exact: true }).click();
    await caller.page.getByRole('button', { name: 'Yes, end it' }).click();
    await caller.page.getByRole('heading', { name: /Thank you for talking with us/ }).waitFor();
    await part(caller);
  });

  test('[MA4][RQ3] who knows the person passes them on and is not asked again; who leaves is told of', async () => {
    const caller = await person(browser, { phone: true, dark: true });
    await askForChat(caller.page, stack.url, 'Linnet');
    const first = await asked(desks);
    const second = others(first);
    await button(first.page, /I know them/).click();
    await first.page.getByText('Passed on. You will not be offered this person again.').waitFor();
    await title(second.page).waitFor();
    await second.page.getByText('Linnet').first().waitFor();
    await button(second.page, /Not now/).click();
    await caller.page.getByRole('heading', { name: 'You are first in line' }).waitFor();

    // one who came later is put to the first peer, who is free: Linnet, who is before them, is not
    const later = await person(browser, { phone: true });
    await askForChat(later.page, stack.url, 'Robin');
    const card = first.page.locator('section.offer');
    await Promise.any(desks.map((one) => one.page.locator('section.offer', { hasText: 'Robin' }).waitFor()));
    expect(await first.page.getByText('Linnet').count()).toBe(0);
    const holder = (await card.count()) > 0 ? first : second;
    await caller.page.getByRole('heading', { name: 'You are first in line' }).waitFor();
    await later.page.getByRole('button', { name: 'Leave the line' }).click();
    await later.page.getByRole('button', { name: 'Yes, leave the line' }).click();
    await later.page.getByRole('heading', { name: 'You left the line.' }).waitFor();
    await holder.page.getByText('Robin is not waiting any more. You are still available.').waitFor();
    await shoot(holder.page, 'desk-left-1280-light');
    await part(caller, later, ...desks);
  });
});
