import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { withAxe } from '../support/axe.ts';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { withDatabase } from './clinicians.ts';
import { countTones, looks } from './looks.ts';
import {
  accept,
  askForChat,
  atDesk,
  bubbles,
  changeLine,
  cutNetwork,
  openBrowser,
  part,
  person,
  refusedCall,
  type Person,
} from './people.ts';

export const none = { state: 'detached' } as const;
export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();
export const field = (page: Page) => page.getByRole('textbox', { name: /^Write to/ });
/** What a colleague is asked, on their page. */
export const card = (page: Page) => page.locator('section.offer');
export const take = (page: Page): Promise<void> => card(page).locator('.btn-lamp:not([aria-disabled="true"])').click();
/** How many such buttons there are. */
export const can = (page: Page, name: string): Promise<number> =>
  page.getByRole('button', { name, exact: true }).count();
export const reads = (page: Page, ...words: string[]): Promise<void> =>
  until(`${words.join(', ')} are read`, async () => {
    const all = await bubbles(page);
    return words.every((one) => all.includes(one));
  });
export const onDesk = (page: Page, name: string): Promise<void> => looks(page, `invitation-desk-${name}`, [320, 1280]);
export const onPhone = (page: Page, name: string): Promise<void> => looks(page, `invitation-${name}`);

/** As from a phone: the question is short at first. */
export async function sayYes(page: Page, share = /^Nothing/): Promise<void> {
  await press(page, 'Answer');
  await page.getByRole('radio', { name: share }).check();
  await page.getByRole('button', { name: /^Yes, ask / }).click();
}

export async function writtenUp({ page }: Person): Promise<void> {
  await page.getByLabel('Topic').selectOption('Grief');
  await page.getByLabel('How it ended').selectOption('Ended together');
  await page.getByRole('radio', { name: '2, Some' }).check({ force: true });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: /Wrap-up/ }).waitFor(none);
}
/** The caller ends it, and these write it up. */
export async function over(caller: Person, ...peers: Person[]): Promise<void> {
  await press(caller.page, 'End');
  await press(caller.page, 'Yes, end it');
  await caller.page.getByText('nobody else is here').first().waitFor();
  for (const peer of peers) await writtenUp(peer);
  await part(caller);
}

/** In the moment in which something is asked of them, as whoever types something else. */
export const pressesAtOnce = (page: Page, key: string): Promise<void> =>
  page.evaluate((letter) => {
    new MutationObserver((_, watch) => {
      if (!document.querySelector('section.offer')) return;
      watch.disconnect();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: letter, bubbles: true }));
      document.body.dataset['pressed'] = letter;
    }).observe(document.body, { childList: true, subtree: true });
  }, key);

/** For one `describe`: a line whose offers stand long, and Maya and Idris at their desks, one by day and one by night. */
export function twoDesks() {
  let there: { stack: Stack; browser: Browser; maya: Person; idris: Person };
  async function peer(browser: Browser, stack: Stack, name: string, dark: boolean): Promise<Person> {
    const one = await atDesk(browser, stack, `${name}@demo.example`, { dark, expected: [cutNetwork, refusedCall] });
    await withAxe(one.context);
    await countTones(one.context);
    await one.page.reload();
    return one;
  }
  beforeAll(async () => {
    const stack = await startStack({ seed: true, env: raisedLimits });
    await changeLine(stack, { offerSeconds: 120 });
    await stack.restart('worker1');
    const browser = await openBrowser();
    const maya = await peer(browser, stack, 'maya', false);
    there = { stack, browser, maya, idris: await peer(browser, stack, 'idris', true) };
  });
  afterAll(async () => {
    await there?.browser.close();
    await there?.stack.stop();
  });

  const dialog = () => there.maya.page.getByRole('dialog');
  /** The sheet is open and its people are known. */
  async function sheet(): Promise<void> {
    await press(there.maya.page, 'Ask a colleague in');
    await dialog()
      .getByRole('radio', { name: /^To join us/ })
      .waitFor();
  }
  return {
    /** Once they are there. */
    given: () => there,
    dialog,
    sheet,
    async asks(what: RegExp, whom: RegExp): Promise<void> {
      await sheet();
      await dialog().getByRole('radio', { name: what }).check();
      await dialog().getByRole('radio', { name: whom }).check();
      await dialog().getByRole('button', { name: /^Ask / }).click();
      await dialog().waitFor(none);
    },
    /** Maya has this caller, and Idris is free. */
    async talkWith(name: string): Promise<Person> {
      const { stack, browser, maya, idris } = there;
      await idris.page.getByRole('radio', { name: 'Break' }).check();
      const caller = await person(browser, { phone: true });
      await withAxe(caller.context);
      await askForChat(caller.page, stack.url, name);
      await accept(maya.page);
      await caller.page.getByText('Maya is here').first().waitFor();
      await field(caller.page).waitFor();
      await idris.page.getByRole('radio', { name: 'Available' }).check();
      return caller;
    },
    /** The time of the last one is over now: nobody waits for it in a test. */
    late: (): Promise<unknown> =>
      withDatabase(there.stack, async (db) => {
        const { rows } = await db.query<{ id: string }>('select id from invitation order by asked_at desc limit 1');
        await db.query(`update invitation set next_due_at = now() - interval '1 second' where id = $1`, [rows[0]?.id]);
        await db.query(`update due set due_at = now() - interval '1 second' where subject_id = $1`, [rows[0]?.id]);
      }),
  };
}
