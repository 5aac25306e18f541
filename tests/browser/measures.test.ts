import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { answerHandOff } from '@hearthline/server/commands/escalations/answerHandOff';
import { acknowledgePage } from '@hearthline/server/commands/escalations/answerPage';
import { closeEscalation } from '@hearthline/server/commands/escalations/closeEscalation';
import { joinEscalation } from '@hearthline/server/commands/escalations/joinEscalation';
import { askForClinician, raiseEscalation } from '@hearthline/server/commands/escalations/raiseEscalation';
import { withdrawEscalation } from '@hearthline/server/commands/escalations/withdrawEscalation';
import { acceptOffer } from '@hearthline/server/commands/offers/answerOffer';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import type { StaffActor } from '@hearthline/server/policies/actor';
import type { EscalationKind } from '@hearthline/shared/contracts/escalation';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCrew } from '../support/crew.ts';
import { must, until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { axe, chromePath, cutNetwork, openBrowser, part, person, refusedCall, shoot, signIn } from './people.ts';

let stack: Stack;
let browser: Browser;

/** Six times advice from Ana, and three askings to join that came to nothing: by the commands, then given a length. */
async function aWeek(): Promise<void> {
  const { deps, line, ...crew } = await createCrew(stack.env);
  try {
    const row = async <T>(text: string, ...params: unknown[]) => (await deps.sql.query<T>(text, params)).rows[0];
    const staff = (id: string, role: 'peer' | 'clinician'): StaffActor => ({
      kind: 'staff',
      id,
      name: role,
      roles: [role],
      lineIds: [line.id],
      locked: false,
    });
    const found = await row<{ id: string }>(`select id from staff where email = 'ana@demo.example'`);
    const [ana, peer] = [staff(found?.id ?? '', 'clinician'), staff((await crew.peer()).id, 'peer')];
    await crew.startWork(peer.id);
    const { actor: caller } = await crew.caller();
    must(await openRequest(deps, caller, 'chat'));
    const offer = () => row<{ id: string }>(`select id from offer where peer_id = $1 and state = 'pending'`, peer.id);
    await until('an offer', async () => (await offer()) !== undefined);
    const accepted = { commandId: randomUUID(), offerId: (await offer())?.id ?? '' };
    const { conversationId } = must(await acceptOffer(deps, peer, accepted));
    const of = (escalationId: string) => ({ commandId: randomUUID(), escalationId });
    const raise = async (kind: EscalationKind) =>
      must(await raiseEscalation(deps, peer, { commandId: randomUUID(), conversationId, kind })).escalationId;

    for (const seconds of [20, 30, 40, 50, 60, 200]) {
      const id = await raise('consult');
      must(await acknowledgePage(deps, ana, of(id)));
      must(await joinEscalation(deps, ana, of(id)));
      must(await closeEscalation(deps, ana, { ...of(id), disposition: 'advised', told: '' }));
      await row(
        `update escalation set raised_at = raised_at - $2 * interval '1 second', begun_at = begun_at - $2 * interval '1 second',
           joined_at = joined_at + interval '30 seconds' where id = $1`,
        ...[id, seconds],
      );
    }
    must(await answerHandOff(deps, caller, { ...of(await raise('handOff')), yes: false }));
    must(await withdrawEscalation(deps, peer, of(await raise('handOff'))));
    const asked = { commandId: randomUUID(), conversationId, share: 'nothing' as const };
    must(await withdrawEscalation(deps, caller, of(must(await askForClinician(deps, caller, asked)).escalationId)));
  } finally {
    await crew.close();
  }
}

const cells = (page: Page, table: string, head: string): Promise<string[]> =>
  page
    .getByRole('table', { name: table })
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: head }) })
    .getByRole('cell')
    .allInnerTexts();

async function looks(page: Page, name: string): Promise<void> {
  for (const [width, scheme] of [
    [1280, 'light'],
    [1280, 'dark'],
    [320, 'light'],
    [320, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    expect(await axe(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await shoot(page, `${name}-${width}-${scheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

describe.skipIf(!chromePath)('[O6] measures', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[MS1][MS3][MS6] a coordinator comes from the board, sees that nobody was called, then how fast they came, and takes the numbers along', async () => {
    const rosa = await person(browser, { expected: [refusedCall] });
    const { page } = rosa;
    await signIn(page, stack.url, stack.dataDir, 'rosa@demo.example');
    await page.getByRole('link', { name: 'How fast they come' }).click();
    await page.getByText('No clinician was called in this time.').waitFor();
    expect(await page.getByRole('button', { name: 'Numbers as CSV' }).count()).toBe(0);
    await looks(page, 'measures-empty');

    await aWeek();
    await page.getByRole('radio', { name: '7 days' }).check();
    await page.getByRole('heading', { name: 'How long it took' }).waitFor();
    expect(await cells(page, 'How long it took', 'First “I’m on it”')).toEqual(['6', '46 s', '2 min 11 s']);
    expect(await cells(page, 'How long it took', 'First one in the talk')).toEqual(['6', '1 min 16 s', '2 min 41 s']);
    expect(await cells(page, 'By step of the ladder', '1. primary')).toEqual(
      expect.arrayContaining(['7', '6', '46 s', '2 min 11 s']),
    );
    expect(await cells(page, 'By step of the ladder', '2. backup')).toEqual(['0', '0', '–', '–', '0', '–', '–']);
    expect(await cells(page, 'Who asked, and how it ended', 'A clinician came in')).toEqual(['6', '0', '0', '0', '6']);
    expect(await cells(page, 'Who asked, and how it ended', 'The caller said no')).toEqual(['0', '1', '0', '0', '1']);
    expect(await cells(page, 'Where it did not go as planned', 'Came back to the peer')).toEqual(['3', '3']);
    await looks(page, 'measures');

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Numbers as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^measures_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.csv$/);
    const csv = readFileSync(await download.path(), 'utf8');
    expect(csv).toContain('How long it took,First “I’m on it”,Half within,seconds,46\r\n');
    expect(csv).toContain('Where it did not go as planned,Came back to the peer,Cases,count,3\r\n');
    await part(rosa);
  });

  test('[MS1] days of one’s own: what makes no sense is said at the field; by keyboard', async () => {
    const sam = await person(browser, { expected: [refusedCall] });
    const { page } = sam;
    await signIn(page, stack.url, stack.dataDir, 'sam@demo.example');
    await page.getByRole('link', { name: 'Measures' }).click();
    await page.getByRole('heading', { name: 'How long it took' }).waitFor();
    await page.getByRole('radio', { name: '30 days' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const [from, to] = [page.getByLabel('First day'), page.getByLabel('Last day')];
    const today = (await to.getAttribute('max')) ?? '';
    await from.fill(today);
    await to.fill('2020-01-01');
    await to.press('Enter');
    await page.getByText('Choose a first day that is not after the last one').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toMatch(/-from-day$/);
    await looks(page, 'measures-refused');
    await to.fill('');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('Choose both days.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toMatch(/-to-day$/);
    await to.fill(today);
    await to.press('Enter');
    await page.getByText('Choose both days.').waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'How long it took' }).waitFor();
    await part(sam);
  });

  test('offline it says so and keeps the numbers, and asks again by itself', async () => {
    const rosa = await person(browser, { expected: [cutNetwork] });
    const { page, context } = rosa;
    await signIn(page, stack.url, stack.dataDir, 'rosa@demo.example');
    await page.goto(`${stack.url}/staff/measures`);
    await page.getByRole('heading', { name: 'How long it took' }).waitFor();
    await context.setOffline(true);
    await page
      .getByText(/You are offline|The connection dropped/)
      .first()
      .waitFor();
    await page.getByRole('heading', { name: 'How long it took' }).waitFor();
    await page.getByRole('radio', { name: '7 days' }).check();
    const alert = page.getByRole('group', { name: 'Days' }).getByRole('alert');
    await alert.waitFor();
    await looks(page, 'measures-offline');
    await context.setOffline(false);
    await alert.waitFor({ state: 'detached' });
    await part(rosa);
  });
});
