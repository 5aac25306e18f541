import type { Page } from 'playwright-core';
import type { MailSink } from '../../means/providers.ts';
import { until } from '../../support/line.ts';

type EveryField = (page: Page) => Promise<string[]>;
const said = (page: Page, words: string): Promise<void> => page.getByText(words).first().waitFor();

/** A coordinator: a layer, which stays, and both its forms, as far as they take words. */
export async function rosterTypes(page: Page, url: string, everyField: EveryField): Promise<void> {
  await page.goto(`${url}/staff/roster`);
  const another = page.getByLabel('Name of another layer');
  await another.waitFor();
  const [name = ''] = await everyField(page);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await until('the layer is saved', async () => (await another.inputValue()) === '');
  const layer = page
    .locator('section')
    .filter({ has: page.getByRole('heading', { level: 2, name: name, exact: true }) });
  const sheet = page.getByRole('dialog');
  const save = sheet.getByRole('button', { name: 'Save' });
  const cancel = sheet.getByRole('button', { name: 'Cancel' });

  await layer.getByRole('button', { name: 'Add an exception' }).click();
  await sheet.getByLabel('Who is on').waitFor();
  await everyField(page);
  await save.click();
  await said(page, 'Choose who is on.');
  await cancel.click();

  await layer.getByRole('button', { name: 'Add a rotation' }).click();
  await sheet.getByLabel('Hand-over', { exact: true }).selectOption('A rule of my own');
  await sheet.getByRole('radio', { name: 'some hours' }).check();
  await sheet.getByLabel('Hours', { exact: true }).waitFor();
  await everyField(page);
  await save.click();
  await said(page, 'There is no such zone.');
  await sheet.getByLabel('Time zone').fill('America/Chicago');
  await sheet.getByRole('combobox', { name: 'Add a person' }).selectOption('Ana');
  await save.click(); // with a phrase for a rule, which only the server can tell
  await said(page, 'We cannot work out this rule.');
  await cancel.click();
}

/** A coordinator: two days, which hold no words. */
export async function measuresType(page: Page, url: string, everyField: EveryField): Promise<void> {
  await page.goto(`${url}/staff/measures`);
  await page.getByRole('radio', { name: 'From and to' }).check();
  await page.getByLabel('First day').waitFor();
  await everyField(page);
}

/** How they are reached: a number that is refused, an address that stays and is rung, and the code of its test. */
export async function meansType(page: Page, everyField: EveryField, mails: MailSink['mails']): Promise<void> {
  const panel = page.getByRole('region', { name: 'How we reach you' });
  await panel.getByLabel('Mail address').waitFor();
  await everyField(page);
  await panel.getByRole('button', { name: 'Add this number' }).click();
  await said(page, 'Write the number with + and the country first.');
  await panel.getByRole('button', { name: 'Add this address' }).click();
  const mail = panel.getByRole('listitem').filter({ hasText: '…@example.org' });
  await mail.getByRole('button', { name: /^Ring me now/ }).click();
  const code = mail.getByLabel('Four digits of the test');
  await code.waitFor();
  await everyField(page);
  await until('the mail is there', async () => mails.length > 0);
  const text = (mails[0]?.text ?? '').replace(/=\r?\n/g, '');
  await code.fill(/code is (\d{4})/.exec(text)?.[1] ?? '');
  await code.press('Enter');
  await mail.getByText('Works: you have heard it.').waitFor();
}

/** The clinician who is called comes, writes in the talk, leaves it, and writes how it ended: one line of it is for the peer. */
export async function clinicianTypes(
  { ana, caller, desk }: Record<'ana' | 'caller' | 'desk', Page>,
  everyField: EveryField,
  phraseOf: (field: string) => string,
): Promise<void> {
  await ana.getByRole('button', { name: 'I’m on it', disabled: false }).click();
  await ana.getByRole('button', { name: 'Join the chat' }).click();
  await said(ana, 'You see what is written from when you joined.');
  const [words = ''] = await everyField(ana);
  await ana.getByRole('textbox', { name: /^Write to/ }).press('Enter');
  await caller.getByText(words).last().waitFor();
  await ana.getByRole('button', { name: 'Leave the talk' }).click();
  await ana.getByRole('button', { name: 'Leave', exact: true }).click();
  await said(ana, 'You are out of the talk.');
  await ana.getByRole('radio', { name: 'I joined, and the peer went on' }).check();
  await ana.getByRole('button', { name: 'Save and close' }).click();
  await said(ana, 'Saved. Maya can read your line.');
  await said(desk, phraseOf('/staff/on-call -told'));
}
