import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withAxe } from '../support/axe.ts';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { escalationIs, late, patientLadder, onDuty, protocol, withDatabase, type Clinician } from './clinicians.ts';
import { looks } from './looks.ts';
import {
  accept,
  askForChat,
  atDesk,
  chromePath,
  openBrowser,
  part,
  person,
  pressTwice,
  say,
  type Person,
} from './people.ts';

let stack: Stack;
let browser: Browser;
let ana: Clinician;
let tom: Clinician;
let maya: Person;

const onDesk = (name: string) => looks(maya.page, `escalation-desk-${name}`, [320, 1280]);
async function onPhone(page: Page, name: string): Promise<void> {
  await looks(page, `escalation-${name}`);
  await page.setViewportSize({ width: 320, height: 700 });
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.tagName);
/** Where the page says aloud what comes; each change once. */
const saidAloud = (page: Page) => page.locator('.talk-foot > p.sr[role=status]').textContent();
const field = (page: Page) => page.getByRole('textbox', { name: /^Write to/ });
const dialog = () => maya.page.getByRole('dialog');
const choose = (what: RegExp) => dialog().getByRole('radio', { name: what }).check();

async function talkWith(name: string): Promise<Person> {
  const caller = await person(browser, { phone: true });
  await withAxe(caller.context);
  await askForChat(caller.page, stack.url, name);
  await accept(maya.page);
  await caller.page.getByText('Maya is here').first().waitFor();
  await field(caller.page).waitFor();
  return caller;
}

async function ends({ page }: Person): Promise<void> {
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByRole('button', { name: 'Yes, end it' }).click();
  await maya.page.getByLabel('Topic').waitFor();
}
async function writtenUp(): Promise<void> {
  await maya.page.getByLabel('Topic').selectOption('Grief');
  await maya.page.getByLabel('How it ended').selectOption('Ended together');
  await maya.page.getByRole('radio', { name: '2, Some' }).check({ force: true });
  await maya.page.getByRole('button', { name: 'Save', exact: true }).click();
  await maya.page.getByRole('heading', { name: /Wrap-up/ }).waitFor({ state: 'detached' });
}
/** The next test finds an empty desk. */
async function over(caller: Person): Promise<void> {
  await ends(caller);
  await writtenUp();
  await part(caller);
}

const bringIn = () => maya.page.getByRole('button', { name: 'Bring in a clinician' }).click();

/** Nothing is shown. */
async function sayYes(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Answer' }).click();
  await page.getByRole('button', { name: 'Yes, ask Ana to join' }).click();
}

/** "Ana joins us", with a summary to share. */
async function handOff(summary = ''): Promise<void> {
  await bringIn();
  await choose(/^Ana joins us/);
  if (summary)
    await dialog()
      .getByLabel(/A short summary/)
      .fill(summary);
  await dialog().getByRole('button', { name: /^Ask / }).click();
  await dialog().waitFor({ state: 'detached' });
}

describe.skipIf(!chromePath)('a clinician, on the pages of peer and caller', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    await patientLadder(stack);
    browser = await openBrowser();
    ana = await onDuty(stack, 'ana');
    tom = await onDuty(stack, 'tom');
    maya = await atDesk(browser, stack, 'maya@demo.example');
    await withAxe(maya.context);
    await maya.page.reload();
  });
  afterAll(async () => {
    for (const one of [ana, tom]) one?.goes();
    await browser?.close();
    await stack?.stop();
  });

  test('[ES1] advice: who is on call before the press; by keyboard; pressed twice it is one; each call in words; how it ended', async () => {
    const sparrow = await talkWith('Sparrow');
    await maya.page.getByText('Ana, nurse, on call').waitFor();
    await maya.page.getByText('Then Tom.').waitFor();
    await field(maya.page).fill('half a sent');
    await maya.page.keyboard.press('Alt+KeyE');
    await dialog().getByRole('heading', { name: 'Bring in a clinician for Sparrow' }).waitFor();
    await dialog().getByText('Ana talks with you. Sparrow is told that you asked.').waitFor();
    await onDesk('dialog');

    // closed by Esc nothing is lost, here or in the writing field
    await dialog().getByLabel('What do you want to ask?').fill('How do I ask about tablets?');
    await maya.page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await field(maya.page).inputValue()).toBe('half a sent');
    await maya.page.keyboard.press('Alt+KeyE');
    expect(await dialog().getByLabel('What do you want to ask?').inputValue()).toBe('How do I ask about tablets?');
    await pressTwice(dialog().getByRole('button', { name: 'Call Ana' }));
    const id = await escalationIs(stack, 'paging');
    await maya.page.getByText('Ana is being called.').waitFor();
    await maya.page.getByText(/^The next call goes out in (10:00|9:\d\d)\.$/).waitFor();
    await maya.page.getByText('Ana, alarm in open pages: called').waitFor();
    expect(await maya.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('The clinician');
    const raised = await withDatabase(stack, (db) => db.query('select 1 from escalation'));
    expect(raised.rowCount).toBe(1);
    await onDesk('calling');

    // the panel says it, the talk does not: the line has not asked for that
    await sparrow.page.getByText('Maya is getting advice from Ana. Ana does not read this.').waitFor();
    expect(await saidAloud(sparrow.page)).toBe('');
    await onPhone(sparrow.page, 'advice');

    expect(await ana.does('acknowledge', id)).toBe('ok');
    await maya.page.getByText('Ana is on it.').waitFor();
    await maya.page.getByText('said “I’m on it”').waitFor();
    expect(await ana.read(id)).toMatchObject({ reason: 'How do I ask about tablets?' });
    expect(await ana.does('join', id)).toBe('ok');
    await maya.page.getByText('Ana talks with you.', { exact: true }).waitFor();
    expect(await maya.page.getByRole('button', { name: 'Take it back' }).count()).toBe(0);
    expect(await ana.does('close', id, { disposition: 'advised', told: 'Ask plainly. It helps.' })).toBe('ok');
    await maya.page.getByText('Ask plainly. It helps.').waitFor();
    await maya.page.getByRole('button', { name: 'Bring in a clinician' }).waitFor();
    await sparrow.page.getByText(/getting advice/).waitFor({ state: 'detached' });

    await ends(sparrow);
    await maya.page.getByText('Ask plainly. It helps.').waitFor();
    await onDesk('wrapup');
    await writtenUp();
    await part(sparrow);
  });

  test('[ES3] [CS1] [CS2] asked in place, once; the words and the focus stay; yes with other words; late, on the way, here; taken back', async () => {
    const wren = await talkWith('Wren');
    const { page } = wren;
    await say(page, 'i cannot sleep');
    await maya.page.getByText('i cannot sleep').waitFor();
    await field(page).fill('and the tab');
    expect(await focused(page)).toBe('TEXTAREA');
    await handOff('Not sleeping. Asks about tablets.');
    const ask = page.getByRole('region', { name: 'Maya would like to bring in a clinician. Is that all right?' });
    await ask.waitFor();
    expect(await focused(page)).toBe('TEXTAREA');
    await page.keyboard.type('lets');
    expect(await field(page).inputValue()).toBe('and the tablets');
    expect(await saidAloud(page)).toContain('Maya would like to bring in a clinician.');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await maya.page.getByText('Wren is asked if a clinician may join.').waitFor();
    // short at first on a phone; a press opens the whole question
    await looks(page, 'escalation-ask-short', [320, 390]);
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await ask.getByRole('radio').count()).toBe(0);
    await ask.getByRole('button', { name: 'Answer' }).click();
    expect(await ask.getByRole('radio', { name: /^Nothing/ }).isChecked()).toBe(true);
    await ask.getByText('All 1 message from this talk.').waitFor();
    await ask.getByText('Ana, nurse').waitFor();
    await onPhone(page, 'ask');
    await onDesk('asking');

    await ask.getByRole('radio', { name: /^A short summary/ }).check();
    const words = ask.getByLabel('Your summary');
    expect(await words.inputValue()).toBe('Not sleeping. Asks about tablets.');
    await words.fill('');
    await ask.getByRole('button', { name: 'Yes, ask Ana to join' }).click();
    await ask.getByText('Write a few words, or choose something else.').waitFor();
    await words.fill('Not sleeping since March.');
    await onPhone(page, 'ask-summary');
    await pressTwice(ask.getByRole('button', { name: 'Yes, ask Ana to join' }));
    const id = await escalationIs(stack, 'paging');
    await page.getByText('Ana is being called. Maya stays with you.').last().waitFor();
    expect(await field(page).inputValue()).toBe('and the tablets');
    await maya.page.getByText('Wren shares a short summary.').waitFor();

    await late(stack, id);
    await page
      .getByText('Ana has not answered yet. We are calling Tom now. Maya stays with you.')
      .last()
      .waitFor({ timeout: 15_000 });
    await onPhone(page, 'late');
    expect(await tom.does('acknowledge', id)).toBe('ok');
    await page.getByText('Tom is on the way. Maya stays with you.').last().waitFor();
    expect(await tom.read(id)).toMatchObject({ summary: 'Not sleeping since March.' });
    await page.getByRole('button', { name: 'Take that back' }).click();
    await page.getByText('Taken back. What was read was read; from now on it is closed.').waitFor();
    expect(await tom.read(id)).toMatchObject({ summary: null });

    expect(await tom.does('join', id)).toBe('ok');
    await until(
      'it is said that he is here',
      async () => (await saidAloud(page))?.includes('Tom, nurse practitioner is here.') ?? false,
    );
    await page.locator('.who summary').click();
    await page.getByRole('button', { name: 'Ask Tom to leave' }).waitFor();
    await onPhone(page, 'joined');
    await page.getByRole('button', { name: 'Ask Tom to leave' }).click();
    await until('he is out', () =>
      withDatabase(stack, async (db) => {
        const { rows } = await db.query(
          `select 1 from participant p join staff s on s.id = p.party_id where s.name = 'Tom' and p.left_at is not null`,
        );
        return rows.length === 1;
      }),
    );
    await over(wren);
  });

  test('[ES3] [ES8] a no sends nothing; taken back by either side; each is told in words', async () => {
    const fern = await talkWith('Fern');
    const { page } = fern;
    await handOff();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByText('That is fine. Maya stays, and nothing was sent.').last().waitFor();
    await maya.page.getByText('Fern said no. Nobody was called, and nothing was sent.').waitFor();
    await onPhone(page, 'no');
    await onDesk('no');
    const id = await escalationIs(stack, 'refused');
    expect(
      (await withDatabase(stack, (db) => db.query('select 1 from page where escalation_id = $1', [id]))).rowCount,
    ).toBe(0);
    await page.getByRole('button', { name: 'All right' }).click();

    await handOff();
    await sayYes(page);
    await page.getByText('Ana is being called.').last().waitFor();
    await maya.page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('Nobody is asked any more, and nobody joins.').last().waitFor();
    await maya.page.getByText('Called off. Nobody comes.').waitFor();

    // where there is room all of it stands there at once
    await page.setViewportSize({ width: 1280, height: 900 });
    await handOff();
    await page.getByRole('radio', { name: /^Nothing/ }).waitFor();
    await page.getByRole('button', { name: 'Yes, ask Ana to join' }).click();
    await page.getByRole('button', { name: 'Stop asking' }).click();
    await page.getByText('We have stopped asking. Nobody joins.').last().waitFor();
    await onPhone(page, 'stopped');
    await escalationIs(stack, 'withdrawn');
    await over(fern);
  });

  test('[ES1] [ES12] a life at risk: a reason and an answer first; nobody answers: loud, what to do, numbers; once more', async () => {
    const moss = await talkWith('Moss');
    const { page } = moss;
    await bringIn();
    await choose(/^A life is at risk/);
    await dialog().getByRole('button', { name: 'Call Ana' }).click();
    await dialog().getByText('Write why. One sentence is enough.').waitFor();
    await dialog().getByText('Choose one. It is written down.').waitFor();
    await dialog().getByText('Only the clinician who takes it reads this. Moss does not.').waitFor();
    for (const step of protocol) await dialog().getByLabel(step).check();
    await onDesk('risk');
    await dialog().getByLabel('Why do you think a life is at risk?').fill('Has the tablets in hand.');
    await choose(/^I could not ask/);
    await dialog().getByRole('button', { name: 'Call Ana' }).click();
    const id = await escalationIs(stack, 'paging');
    await page.getByText('Maya is worried for your life and has asked Ana, nurse, to join.').last().waitFor();
    await page.getByText('Nothing from before.').waitFor();
    expect(await page.getByRole('button', { name: 'Stop asking' }).count()).toBe(0);
    expect(await page.content()).not.toContain('tablets in hand');
    await onPhone(page, 'safety');
    const asked = await withDatabase(stack, (db) => db.query('select asked from escalation where id = $1', [id]));
    expect(asked.rows).toEqual([{ asked: 'couldNot' }]);

    expect(await ana.does('decline', id)).toBe('ok');
    await page.getByText('Ana cannot come. We are calling Tom now. Maya stays with you.').last().waitFor();
    await maya.page.getByText('Ana, alarm in open pages: said “I can’t”').waitFor();
    expect(await tom.does('decline', id)).toBe('ok');
    const alert = maya.page.getByRole('alert').filter({ hasText: 'Nobody on call has answered.' });
    await alert.waitFor();
    for (const step of protocol) await maya.page.getByText(step).first().waitFor();
    await maya.page.getByRole('link', { name: 'Call 988' }).waitFor();
    await page.getByText('No clinician has answered yet. Maya stays with you.').last().waitFor();
    await page.getByRole('link', { name: 'Call 988' }).waitFor();
    await onDesk('exhausted');
    await onPhone(page, 'exhausted');
    await maya.page.getByRole('button', { name: 'Call them again' }).click();
    await maya.page.getByText('Ana is being called.').waitFor();
    await alert.waitFor({ state: 'detached' });
    await maya.page.getByRole('button', { name: 'Take it back' }).click();
    await escalationIs(stack, 'withdrawn');
    await over(moss);
  });

  test('[ES1] the caller asks for a clinician, and says what may be seen', async () => {
    const reed = await talkWith('Reed');
    const { page } = reed;
    await page.getByRole('button', { name: 'Ask for a clinician' }).click();
    await page.getByRole('heading', { name: 'Would you like a clinician?' }).waitFor();
    await onPhone(page, 'own-ask');
    await page.getByRole('radio', { name: /^What we wrote so far/ }).check();
    await page.getByRole('button', { name: 'Yes, call a clinician' }).click();
    await page.getByText('Ana is being called. Maya stays with you.').last().waitFor();
    await page.getByText('Ana may see what you wrote so far.').waitFor();
    await maya.page.getByText('Reed asked for a clinician.').waitFor();
    await escalationIs(stack, 'paging');
    await over(reed);
  });

  test('[ES2] nobody is on call: said before the press, with what to do; the press is still there', async () => {
    await withDatabase(stack, (db) => db.query('update means set removed_at = now()'));
    const lark = await talkWith('Lark');
    await maya.page.getByText('No clinician is on call right now.').waitFor({ timeout: 45_000 }); // with the next asking
    await bringIn();
    for (const step of protocol) await dialog().getByText(step).waitFor();
    await dialog().getByRole('link', { name: 'Call 988' }).waitFor();
    await onDesk('nobody');
    await dialog().getByRole('button', { name: 'Call the coordinators' }).click();
    await maya.page.getByRole('alert').filter({ hasText: 'Nobody on call has answered.' }).waitFor();
    await escalationIs(stack, 'exhausted');
    await over(lark);
    await part(maya);
  });
});
