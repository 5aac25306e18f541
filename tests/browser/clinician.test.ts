import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DoorName } from '@hearthline/shared/contracts/doors';
import { withAxe } from '../support/axe.ts';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { accountOf, codeOf } from '../support/staffBrowser.ts';
import { escalationIs, late, patientLadder } from './clinicians.ts';
import { countTones, looks as looksAt, rings } from './looks.ts';
import {
  accept,
  askForChat,
  atDesk,
  chromePath,
  cutNetwork,
  openBrowser,
  part,
  person,
  say,
  signIn,
} from './people.ts';
import type { Person, PersonOptions } from './people.ts';

let stack: Stack;
let browser: Browser;
let maya: Person;
const phone: PersonOptions = { more: { viewport: { width: 390, height: 844 }, hasTouch: true } };

async function staff(name: string, options: PersonOptions = {}): Promise<Person> {
  const one = await person(browser, options);
  await withAxe(one.context);
  await countTones(one.context);
  await signIn(one.page, stack.url, stack.dataDir, `${name}@demo.example`);
  return one;
}

const looks = (page: Page, name: string): Promise<void> => looksAt(page, `clinician-${name}`);
/** Of the main part, in CSS pixels: what is too low to be hit by a thumb. */
const tooLow = (page: Page): Promise<string[]> =>
  page
    .locator('main')
    .evaluate((main) =>
      [...main.querySelectorAll('button')]
        .filter((b) => b.offsetHeight > 0 && b.offsetHeight < 56)
        .map((b) => `${b.textContent.trim()}: ${b.offsetHeight} px`),
    );

/** A door, knocked at as the page of this person does. */
async function door<T>({ page }: Person, as: 'staff' | 'caller', name: DoorName, input: object): Promise<T> {
  const answer = await page.evaluate(
    async ([who, to, what]) => {
      const headers = { 'content-type': 'application/json', 'x-as': who };
      const response = await fetch(`/api/doors/${to}`, { method: 'POST', headers, body: JSON.stringify(what) });
      return (await response.json()) as { ok: boolean; value: unknown };
    },
    [as, name, input] as const,
  );
  expect(answer).toMatchObject({ ok: true });
  return answer.value as T;
}

async function talk(name: string): Promise<{ caller: Person; conversationId: string }> {
  const caller = await person(browser, { phone: true });
  await askForChat(caller.page, stack.url, name);
  await accept(maya.page);
  await caller.page.getByText('Maya is here').first().waitFor();
  const desk = await door<{ conversations: { id: string; state: string }[] }>(maya, 'staff', 'desk.view', {});
  return { caller, conversationId: desk.conversations.find((c) => c.state === 'live')?.id ?? '' };
}
const command = () => ({ commandId: crypto.randomUUID() });
const raise = (conversationId: string, kind: string) =>
  door(maya, 'staff', 'escalation.raise', { ...command(), conversationId, kind, reason: 'canary-reason tablets' });

async function lockNow({ page }: Person): Promise<void> {
  const status = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/auth/staff/lock', { method: 'POST', headers, body: '{}' })).status;
  });
  expect(status).toBe(200);
  await page.getByRole('heading', { name: 'This screen is locked' }).waitFor();
}
async function unlock({ page }: Person, name: string): Promise<void> {
  await page.getByLabel('One-time code').fill(codeOf(accountOf(stack, name).secret));
  await page.getByRole('button', { name: 'Unlock' }).click();
  await page.getByRole('heading', { name: 'This screen is locked' }).waitFor({ state: 'detached' });
}
const onIt = (page: Page) => page.getByRole('button', { name: 'I’m on it', disabled: false });

async function over(caller: Person): Promise<void> {
  await caller.page.getByRole('button', { name: 'End', exact: true }).click();
  await caller.page.getByRole('button', { name: 'Yes, end it' }).click();
  await maya.page.getByLabel('Topic').selectOption('Grief');
  await maya.page.getByLabel('How it ended').selectOption('Ended together');
  await maya.page.getByRole('radio', { name: '2, Some' }).check({ force: true });
  await maya.page.getByRole('button', { name: 'Save', exact: true }).click();
  await maya.page.getByRole('heading', { name: /Wrap-up/ }).waitFor({ state: 'detached' });
  await part(caller);
}

describe.skipIf(!chromePath)('the clinician’s page', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    await patientLadder(stack);
    browser = await openBrowser();
    maya = await atDesk(browser, stack, 'maya@demo.example');
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[K1][K2][K4][ES14] rings on the locked screen, taken there, unlocked, joined, both write, one line for the peer', async () => {
    const ana = await staff('ana', phone);
    const { page } = ana;
    expect(new URL(page.url()).pathname).toBe('/staff/on-call');
    await page.getByRole('heading', { name: /^You are on call/ }).waitFor();
    await looks(page, 'quiet');
    const { caller, conversationId } = await talk('Sparrow');
    await say(caller.page, 'canary-words of before');
    await lockNow(ana);

    await raise(conversationId, 'handOff');
    const id = await escalationIs(stack, 'asking');
    expect(await page.getByRole('alert').count()).toBe(0); // nobody is called before the caller has said yes
    const yes = { ...command(), escalationId: id, yes: true, share: 'summary', summary: 'canary-summary three weeks' };
    await door(caller, 'caller', 'escalation.answer', yes);
    await page.getByRole('alert').getByRole('heading', { name: 'Maya needs a clinician.' }).waitFor();
    await page.getByText('Someone is with Maya in a chat. They said yes to you joining.').waitFor();
    await page.getByText(/^Tom is called in (10 min|9 min \d+ s) if you don’t press\.$/).waitFor();
    await page.getByRole('button', { name: 'I can’t. Call Tom now' }).waitFor();
    await rings(page);
    await until('the title calls too', async () => (await page.title()) === '● You are needed');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    expect(await page.content()).not.toMatch(/canary|Sparrow/);
    await maya.page.getByText('Ana, alarm in open pages: rings at their side').waitFor();
    await looks(page, 'alarm');
    expect(await tooLow(page)).toEqual([]);

    await onIt(page).click();
    await page.getByText('You have it, and the peer knows you are coming.').waitFor();
    await maya.page.getByText('Ana is on it.').waitFor();
    await until('the title is quiet', async () => (await page.title()) !== '● You are needed');
    expect(await page.content()).not.toMatch(/canary|Sparrow/);
    await looks(page, 'locked-taken');

    await unlock(ana, 'ana');
    await page.getByRole('heading', { name: 'Thank you. Maya knows you are coming.' }).waitFor();
    await page.getByText('canary-reason tablets').waitFor();
    await page.getByText('canary-summary three weeks').waitFor();
    await page.getByText('Name to use: Sparrow.').waitFor();
    await page.getByText(/^Join within/).waitFor();
    await looks(page, 'taken');
    expect(await tooLow(page)).toEqual([]);

    await page.getByRole('button', { name: 'Join the chat' }).click();
    await page.getByText('You see what is written from when you joined.').waitFor();
    await say(page, 'hello from ana');
    await caller.page.getByText('hello from ana').waitFor();
    await maya.page.getByText('hello from ana').waitFor();
    await say(caller.page, 'hello ana');
    await page.getByText('hello ana', { exact: true }).waitFor();
    await say(maya.page, 'i stay too');
    await page.locator('.msg', { hasText: 'i stay too' }).getByText(/Maya/).waitFor();
    expect(await page.content()).not.toContain('canary-words'); // only the summary was shared
    await page
      .getByRole('list', { name: 'Who is here' })
      .or(page.getByLabel('Who is here'))
      .getByText('Maya, peer: here')
      .waitFor();
    await looks(page, 'talk');

    await page.getByRole('button', { name: 'Reason and outcome' }).click();
    await page.getByLabel('Clinical note').fill('canary-note for clinicians');
    await page.getByRole('button', { name: 'Save and close' }).click();
    await page.getByText('Choose one.', { exact: true }).waitFor();
    await looks(page, 'outcome');
    await page.getByRole('button', { name: 'Talk', exact: true }).click();
    await page.getByRole('button', { name: 'Leave the talk' }).click();
    await page.getByText('Maya stays with the caller.').waitFor();
    await page.getByRole('button', { name: 'Leave', exact: true }).click();
    await page.getByText('You are out of the talk.').waitFor();
    await say(caller.page, 'canary after she left');
    await maya.page.getByText('canary after she left').waitFor();
    expect(await page.content()).not.toContain('canary after she left');

    // the outcome is still to be written, and what was begun is there
    const note = page.getByLabel('Clinical note');
    expect(await note.inputValue()).toBe('canary-note for clinicians');
    // nor is it lost with the page (ES17)
    await page.getByText('What you have filled in is kept until you save it.').waitFor();
    await page.reload();
    await expect.poll(() => note.inputValue()).toBe('canary-note for clinicians');
    await page.getByRole('radio', { name: 'I joined, and the peer went on' }).check();
    await page.getByLabel('One line for Maya').fill('They will sleep at a friend’s.');
    await page.getByLabel('Order a follow-up').selectOption('In 2 days');
    await page.getByRole('button', { name: 'Save and close' }).click();
    await page.getByText('Saved. Maya can read your line.').waitFor();
    await page.getByRole('heading', { name: /^You are on call/ }).waitFor();
    await maya.page.getByText('They will sleep at a friend’s.').waitFor();
    expect(await maya.page.content()).not.toContain('canary-note');
    await over(caller);
    await part(ana);
  });

  test('[ES6][ES12][I9][I10] nobody answers: the board is loud; taken late; the other one sees who has it', async () => {
    const [ana, tom, rosa] = [
      await staff('ana', { ...phone, expected: [cutNetwork] }),
      await staff('tom'),
      await staff('rosa', { dark: true }),
    ];
    const { caller, conversationId } = await talk('Wren');
    await raise(conversationId, 'consult');
    const id = await escalationIs(stack, 'paging');
    await ana.page.getByRole('heading', { name: 'Maya asks for your advice.' }).waitFor();
    const calls = rosa.page.getByRole('region', { name: 'Clinicians called' }).first();
    await calls.getByText(/^Ringing, next in/).waitFor();
    await late(stack, id);
    await tom.page.getByRole('heading', { name: 'Maya asks for your advice.' }).waitFor();
    await rings(tom.page);
    await ana.page.getByText('Somebody else is being called now. You can still take it.').waitFor();
    await looks(ana.page, 'passed');
    await late(stack, id);
    await rosa.page.getByRole('alert').getByText('Nobody on call has answered Maya.').waitFor();
    await rings(rosa.page);
    await looks(rosa.page, 'board-spent');
    await ana.page.getByText('Nobody has answered so far. You can still take it.').waitFor();
    await rosa.page.getByRole('button', { name: 'I have seen it' }).click();
    await ana.context.setOffline(true);
    await ana.page.getByText('You are offline.').waitFor();
    await looks(ana.page, 'offline');
    await ana.context.setOffline(false);
    await ana.page.getByText('You are offline.').waitFor({ state: 'detached' });

    await onIt(ana.page).click();
    await ana.page.getByRole('heading', { name: 'Thank you. Maya knows you are coming.' }).waitFor();
    await tom.page.getByText('Ana is on it, for Maya.').waitFor();
    await calls.getByText(/^Ana is on it, joins within/).waitFor();
    await rosa.page.getByText('Nobody on call has answered Maya.').waitFor({ state: 'detached' });
    await looks(tom.page, 'theirs');

    // beside the talk, the two alone
    await ana.page.getByRole('button', { name: 'Talk with Maya' }).click();
    await ana.page.getByText('The caller does not read this.').waitFor();
    await say(ana.page, 'canary-advice');
    await maya.page.getByText('canary-advice').waitFor();
    expect(await caller.page.content()).not.toContain('canary-advice');
    await ana.page.getByRole('button', { name: 'Reason and outcome' }).click();
    await ana.page.getByRole('radio', { name: 'I gave advice' }).check();
    await ana.page.getByLabel('One line for Maya').fill('Ask plainly.');
    await ana.page.getByRole('button', { name: 'Save and close' }).click();
    await ana.page.getByText('Saved. Maya can read your line.').waitFor();
    await over(caller);
    await part(ana, tom, rosa);
  });

  test('[ES5][ES14] it rings on every other staff page too, and is answered there; “I can’t” calls the next at once; taken back is said', async () => {
    const [ana, tom] = [await staff('ana', phone), await staff('tom')];
    await ana.page.getByRole('link', { name: 'Ana', exact: true }).click();
    await ana.page.waitForURL(/\/staff\/sessions$/);
    const { caller, conversationId } = await talk('Heron');
    await raise(conversationId, 'safety');
    const bar = ana.page.getByRole('complementary', { name: 'Calls for a clinician' });
    await bar.getByRole('heading', { name: 'Maya needs you now. A life may be at risk.' }).waitFor();
    await rings(ana.page);
    await maya.page.getByText('Ana, alarm in open pages: rings at their side').waitFor();
    await looks(ana.page, 'elsewhere');
    expect(await ana.page.content()).not.toMatch(/canary|Heron/);
    await bar.getByRole('button', { name: 'I can’t. Call Tom now', disabled: false }).click();
    await tom.page.getByRole('heading', { name: 'Maya needs you now. A life may be at risk.' }).waitFor();
    await bar.getByRole('heading').waitFor({ state: 'detached' });
    await maya.page.getByRole('button', { name: 'Take it back' }).click();
    await tom.page.getByText('Nobody needs to come any more.').waitFor();
    expect(await tom.page.getByRole('button', { name: 'I’m on it' }).count()).toBe(0);
    await over(caller);
    await part(ana, tom);
  });
});
