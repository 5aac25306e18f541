import { join } from 'node:path';
import { readLineFile } from '@hearthline/server/lines/lineFile';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withAxe } from '../support/axe.ts';
import { ROOT, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { withDatabase } from './clinicians.ts';
import { looks } from './looks.ts';
import {
  accept,
  askForChat,
  atDesk,
  bubbles,
  changeLine,
  chromePath,
  openBrowser,
  part,
  person,
  say,
  signIn,
  type Person,
} from './people.ts';

let stack: Stack;
let browser: Browser;
let maya: Person;

describe.skipIf(!chromePath)('[S42][S44] a line that is a program under 42 CFR Part 2', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    const { escalation } = await readLineFile(join(ROOT, 'lines', 'example.yaml'));
    await changeLine(stack, { part2: { program: 'Harbor Recovery' }, ...(escalation ? { escalation } : {}) });
    for (const name of ['server1', 'worker1']) await stack.restart(name);
    await withDatabase(stack, (db) =>
      db.query(`update staff set organisation = 'Lake Clinic' where email in ('ana@demo.example', 'tom@demo.example')`),
    );
    browser = await openBrowser();
    maya = await atDesk(browser, stack, 'maya@demo.example');
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[CS5][CS6][CS7] who would tell whom is said before the yes, the notice stands above their talk, and it can be taken back', async () => {
    const ana = await person(browser);
    await withAxe(ana.context);
    await signIn(ana.page, stack.url, stack.dataDir, 'ana@demo.example');
    const sparrow = await person(browser);
    const { page } = sparrow;
    await withAxe(sparrow.context);
    await askForChat(page, stack.url, 'Sparrow');
    await accept(maya.page);
    await say(page, 'only for the program');
    await maya.page.getByText('only for the program').waitFor();

    await maya.page.getByRole('button', { name: 'Bring in a clinician' }).click();
    const sheet = maya.page.getByRole('dialog');
    await sheet.getByRole('radio', { name: /^Ana joins us/ }).check();
    await sheet.getByRole('button', { name: /^Ask / }).click();

    const ask = page.getByRole('region', { name: /^Maya would like/ });
    const said = ask.getByText(
      'Harbor Recovery is a program under the federal rule 42 CFR Part 2. With your yes it tells Ana of Lake Clinic and Tom of Lake Clinic',
    );
    await said.waitFor();
    const yes = ask.getByRole('button', { name: /^Yes/ });
    const bottom = (await yes.boundingBox().then((box) => box && box.y + box.height)) ?? Infinity;
    expect(bottom).toBeLessThanOrEqual(900); // the answer is in sight on a desk
    await looks(page, 'part2-ask');
    await ask.getByRole('radio', { name: /^What we wrote so far/ }).check();
    await yes.click();

    await ana.page.getByRole('button', { name: 'I’m on it', disabled: false }).click();
    await ana.page.getByRole('button', { name: 'Join the chat' }).click();
    await ana.page.getByText('42 CFR part 2 prohibits unauthorized use or disclosure of these records.').waitFor();
    await ana.page
      .getByText('Disclosed to you by Harbor Recovery: with the caller’s consent, the talk so far')
      .waitFor();
    await ana.page.locator('.msg', { hasText: 'only for the program' }).waitFor();
    await looks(ana.page, 'part2-notice');
    expect(await maya.page.content()).not.toContain('42 CFR');

    await page.getByText('Ana and Maya are here').or(page.getByText('Maya and Ana are here')).first().waitFor();
    await page.locator('.who summary').click();
    await page.getByRole('button', { name: 'Take that back' }).first().click();
    await page.getByText('Taken back. What was read was read; from now on it is closed.').first().waitFor();
    await ana.page.locator('.msg', { hasText: 'only for the program' }).waitFor({ state: 'detached' });
    expect(await bubbles(ana.page)).toEqual([]);
    const rows = await withDatabase(stack, async (db) => {
      const found = await db.query<object>(
        'select organisation, program, ground, scope, consent_version from disclosure',
      );
      return found.rows;
    });
    expect(rows).toEqual([
      {
        organisation: 'Lake Clinic',
        program: 'Harbor Recovery',
        ground: 'consent',
        scope: 'talkAndBefore',
        consent_version: 1,
      },
    ]);
    await part(sparrow, ana, maya);
  });
});
