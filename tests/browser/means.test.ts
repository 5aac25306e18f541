import pg from 'pg';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDemoAccounts } from '@hearthline/server/demo/demoAccounts';
import { mailSink, type MailSink } from '../means/providers.ts';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  axe,
  chromePath,
  codeOf,
  giveCode,
  givePassword,
  launchOptions,
  part,
  person,
  refusedCall,
  shoot,
} from './people.ts';

describe.skipIf(!chromePath)('how we reach you', () => {
  let browser: Browser, stack: Stack, mails: MailSink;
  beforeAll(async () => {
    mails = await mailSink();
    [browser, stack] = await Promise.all([
      chromium.launch(launchOptions),
      startStack({
        seed: true,
        env: {
          ...raisedLimits,
          HEARTHLINE_SMTP_URL: mails.url,
          HEARTHLINE_MAIL_FROM: 'line@example.org',
          HEARTHLINE_VAPID_PRIVATE_KEY: 'q'.repeat(43),
          HEARTHLINE_PAGE_WEBHOOK_URL: 'http://127.0.0.1:9/page', // nobody listens
          HEARTHLINE_PAGE_WEBHOOK_SECRET: 'a secret of the gateway',
        },
      }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await mails?.stop();
  });

  const accountOf = (name: string) => {
    const found = readDemoAccounts(stack.dataDir).find((a) => a.email.startsWith(`${name}@`));
    if (!found?.secret) throw new Error(`no demo account ${name}`);
    return { ...found, secret: found.secret };
  };
  async function signIn(page: Page, name: string): Promise<void> {
    const { email, password, secret } = accountOf(name);
    await givePassword(page, stack.url, email, password);
    await giveCode(page, codeOf(secret));
    await page.waitForURL(/\/staff\/(desk|board|soon|on-call)/);
  }
  const panelOf = (page: Page) => page.getByRole('region', { name: 'How we reach you' });
  const item = (page: Page, words: string) => panelOf(page).getByRole('listitem').filter({ hasText: words });
  const decoded = (text: string) => text.replace(/=\r?\n/g, '').replaceAll('=3D', '=');

  test('[PG6][PG7][PG8] add, ring, say that it was heard; by keyboard and at 320 px', async () => {
    const database = new pg.Client({ connectionString: stack.databaseUrl });
    await database.connect();
    await database.query('update means set removed_at = now() where removed_at is null'); // those of the demo
    await database.end();
    const ana = await person(browser, { phone: true, expected: [refusedCall] });
    const { page } = ana;
    await signIn(page, 'ana');
    await page.goto(`${stack.url}/staff/on-call`);
    const panel = panelOf(page);
    await panel.getByText('You do not count as on call yet.').waitFor();
    await panel.getByRole('button', { name: 'Add notices of this browser' }).click(); // nobody is there to allow them
    await panel.getByText(/shows no notices/).waitFor();
    expect(await axe(page)).toEqual([]);
    await shoot(page, 'means-none-320');

    await panel.getByRole('button', { name: 'Add the alarm in open pages' }).focus();
    await page.keyboard.press('Enter');
    const alarm = item(page, 'Alarm in open pages');
    await alarm.getByText('Not heard yet').waitFor();
    await alarm.getByRole('button', { name: /^Ring me now/ }).press('Enter');
    const rang = alarm.getByRole('alert');
    await rang.getByText('This is a test of the alarm.').waitFor();
    expect(await axe(page)).toEqual([]);
    await shoot(page, 'means-ringing-320');
    await rang.getByRole('button', { name: 'I heard it' }).press('Enter');
    await alarm.getByText('Works: you have heard it.').waitFor();
    expect(await panel.getByText('You do not count as on call yet.').count()).toBe(0);
    await alarm.getByRole('button', { name: /^Ring me now/ }).click();
    await alarm.getByText(/Try again in a moment/).waitFor();

    await panel.getByLabel('Mail address').fill('nonsense');
    await panel.getByRole('button', { name: 'Add this address' }).click();
    await panel.getByText('That is no mail address.').waitFor();
    await panel.getByLabel('Mail address').fill('ana@example.org');
    await panel.getByLabel('Mail address').press('Enter');
    const mail = item(page, 'a…@example.org');
    await mail.getByRole('button', { name: /^Ring me now/ }).click();
    const field = mail.getByLabel('Four digits of the test');
    await field.fill('abc');
    expect(await field.inputValue()).toBe('');
    await until('the mail is there', async () => mails.mails.length === 1);
    const code = /code is (\d{4})/.exec(decoded(mails.mails[0]?.text ?? ''))?.[1] ?? '';
    await field.fill(String((Number(code) + 1) % 10_000).padStart(4, '0'));
    await field.press('Enter');
    await mail.getByText('We do not know this code.').waitFor();
    await field.fill(code);
    await field.press('Enter');
    await mail.getByText('Works: you have heard it.').waitFor();

    await panel.getByLabel('Phone number').fill('0176 123');
    await panel.getByRole('button', { name: 'Add this number' }).click();
    await panel.getByText('Write the number with + and the country first.').waitFor();
    await panel.getByLabel('Phone number').fill('+1 (555) 010-0123');
    await panel.getByLabel('Phone number').press('Enter');
    const pager = item(page, '…0123');
    await pager.getByRole('button', { name: /^Ring me now/ }).click();
    await pager.getByText(/It did not go out/).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    expect(await axe(page)).toEqual([]);
    await shoot(page, 'means-all-320');
    await pager.getByRole('button', { name: /^Remove/ }).click();
    await pager.getByRole('button', { name: 'Remove', exact: true }).click();
    await pager.waitFor({ state: 'detached' });

    await page.context().setOffline(true);
    await page
      .getByText(/No connection|connection dropped/i)
      .first()
      .waitFor({ timeout: 30_000 });
    ana.expected.push(/ERR_INTERNET_DISCONNECTED|WebSocket/);
    await page.context().setOffline(false);
    await part(ana);
  });

  test('[PG8] the link of the mail asks to sign in first, and then says that it arrived', async () => {
    const rosa = await person(browser);
    const { page } = rosa;
    await signIn(page, 'rosa');
    await page.goto(`${stack.url}/staff/on-call`);
    const before = mails.mails.length;
    await panelOf(page).getByLabel('Mail address').fill('rosa@example.org');
    await panelOf(page).getByLabel('Mail address').press('Enter');
    await item(page, 'r…@example.org')
      .getByRole('button', { name: /^Ring me now/ })
      .click();
    await until('the mail is there', async () => mails.mails.length > before);
    const link = /\/staff\/on-call\?heard=[0-9a-f-]{36}/.exec(decoded(mails.mails.at(-1)?.text ?? ''))?.[0] ?? '';
    const phone = await person(browser, { phone: true });
    await phone.page.goto(stack.url + link);
    await phone.page.waitForURL(/\/staff\/sign-in/);
    const { email, password, secret } = accountOf('rosa');
    await phone.page.getByLabel('Email').fill(email);
    await phone.page.getByLabel('Password', { exact: true }).fill(password);
    await phone.page.getByRole('button', { name: 'Go on' }).click();
    await giveCode(phone.page, codeOf(secret));
    await phone.page.waitForURL(/\/staff\/on-call/);
    await phone.page.getByText('That arrived.').waitFor();
    expect(new URL(phone.page.url()).search).toBe('');
    await item(phone.page, 'r…@example.org').getByText('Works: you have heard it.').waitFor();
    await part(rosa, phone);
  });

  test('[PG11] a push shows a neutral notice, is pressed where the page is open, and has no caller page in its scope', async () => {
    const ana = await person(browser, {
      expected: [/push|Registration failed/i],
      more: { permissions: ['notifications'] },
    });
    const { page } = ana;
    await signIn(page, 'ana');
    await page.goto(`${stack.url}/staff/on-call`);
    await panelOf(page).getByRole('button', { name: 'Add notices of this browser' }).click();
    await panelOf(page)
      .getByText(/could not reach its notice service/)
      .waitFor({ timeout: 20_000 }); // no way to one from here
    const scope = await page.evaluate(async () =>
      (await navigator.serviceWorker.getRegistrations()).map((r) => r.scope),
    );
    expect(scope).toEqual([`${stack.url}/staff/on-call`]);

    const cdp = await page.context().newCDPSession(page);
    const registered = new Promise<string>((found) =>
      cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [one] = registrations;
        if (one) found(one.registrationId);
      }),
    );
    await cdp.send('ServiceWorker.enable');
    const pageId = '7d9f3a52-8c52-4a43-9e5b-0d1a2b3c4d5e';
    await cdp.send('ServiceWorker.deliverPushMessage', {
      origin: stack.url,
      registrationId: await registered,
      data: JSON.stringify({ page: pageId }),
    });
    const shown = () =>
      page.evaluate(async () => {
        const [registration] = await navigator.serviceWorker.getRegistrations();
        return (await registration?.getNotifications())?.map((n) => [n.title, n.body, n.data as string]) ?? [];
      });
    await until('it is shown', async () => (await shown()).length === 1);
    expect(await shown()).toEqual([['Hearthline', 'You are needed. Press to open.', pageId]]);

    const guest = await page.context().newPage();
    await guest.goto(stack.url);
    expect(await guest.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
    await part(ana);
  });
});
