import { describe, expect, test } from 'vitest';
import { withAxe } from '../support/axe.ts';
import { until } from '../support/line.ts';
import { accountOf, codeOf } from '../support/staffBrowser.ts';
import { lockNow } from './calling.ts';
import { withDatabase } from './clinicians.ts';
import { can, none, onDesk, onPhone, over, press, reads, sayYes, take, twoDesks } from './inviting.ts';
import {
  accept,
  askForChat,
  bubbles,
  changeLine,
  chromePath,
  goAvailable,
  part,
  person,
  say,
  signIn,
} from './people.ts';

describe.skipIf(!chromePath)('who can be asked into a talk, and where from', () => {
  const desks = twoDesks();
  const { asks, dialog, talkWith } = desks;

  test('[S2] on a locked screen: who asks and what for, nothing of the caller; said yes there, and open with the code', async () => {
    const { stack, maya, idris } = desks.given();
    const lark = await talkWith('Lark');
    expect(await lockNow(idris.page)).toBe(200);
    await idris.page.getByRole('heading', { name: 'This screen is locked' }).waitFor();
    await asks(/^To join us/, /^Whoever is free/);
    await sayYes(lark.page, /^What we wrote so far/);
    await idris.page.getByRole('heading', { name: 'Maya asks you in' }).waitFor();
    expect(await idris.page.content()).not.toContain('Lark');
    await onDesk(idris.page, 'locked');
    await take(idris.page);
    await idris.page.getByText('You said yes to a colleague.').waitFor();
    await lark.page.getByText('Idris, peer, has joined.').waitFor();
    expect(await idris.page.content()).not.toContain('Lark');
    await idris.page.getByLabel('One-time code').fill(codeOf(accountOf(stack, 'idris').secret));
    await press(idris.page, 'Unlock');
    await idris.page.getByRole('heading', { name: /Lark/ }).waitFor();
    await over(lark, maya, idris);
  });

  test('[IN1] nobody is free, or the list cannot be had: said, with what can be done', async () => {
    const { stack, maya, idris } = desks.given();
    const rosa = (suspended: string) =>
      withDatabase(stack, (db) => db.query(`update staff set suspended_at = ${suspended} where email like 'rosa@%'`));
    await rosa('now()'); // just after the start nobody can say whether she has a page open
    const moss = await talkWith('Moss');
    await idris.page.getByRole('radio', { name: 'Break' }).check();
    await press(maya.page, 'Ask a colleague in');
    await dialog().getByText('Nobody can come right now.').waitFor();
    await dialog().getByText('Idris: on a break').waitFor();
    await onDesk(maya.page, 'nobody');
    await idris.page.getByRole('radio', { name: 'Available' }).check();
    await until('he is seen to be back', async () => {
      await dialog()
        .getByRole('button', { name: 'Look again' })
        .click({ timeout: 1000 })
        .catch(() => undefined);
      return (
        (await dialog()
          .getByRole('radio', { name: /^Idris/ })
          .count()) === 1
      );
    });
    await maya.page.keyboard.press('Escape');
    await dialog().waitFor(none);
    expect(await maya.page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Ask a colleague in');

    await maya.context.setOffline(true);
    await press(maya.page, 'Ask a colleague in');
    await dialog().getByRole('alert').waitFor();
    await onDesk(maya.page, 'lost');
    await maya.context.setOffline(false);
    await dialog().getByRole('button', { name: 'Try again' }).click();
    await dialog()
      .getByRole('radio', { name: /^Idris/ })
      .waitFor();
    await dialog().getByRole('button', { name: 'Back to Moss' }).click();
    await rosa('null');
    await over(moss, maya);
  });

  test('[IN7] a coordinator is asked for help in front of the board, comes in from their desk, and is seen by all', async () => {
    const { stack, browser, maya } = desks.given();
    const rosa = await person(browser, { dark: true });
    await withAxe(rosa.context);
    await signIn(rosa.page, stack.url, stack.dataDir, 'rosa@demo.example');
    const robin = await talkWith('Robin');
    const { page } = robin;
    await say(page, 'only for Maya');
    await reads(maya.page, 'only for Maya');
    await asks(/^A coordinator, to help/, /^Rosa/);
    await maya.page.getByText('Robin is asked if Rosa may come in to help.').waitFor();
    await page.getByText('Maya would like Rosa to join and help.').last().waitFor();
    await press(page, 'Answer');
    await page.getByText('A coordinator: they look after this line and its peers.').waitFor();
    await onPhone(page, 'ask-help');
    await page.getByRole('button', { name: 'Yes, ask Rosa' }).click();
    await rosa.page.getByText('Maya asks you into their talk.').waitFor();
    await rosa.page.goto(`${stack.url}/staff/desk`);
    await rosa.page.getByRole('heading', { name: 'Maya asks for your help' }).waitFor();
    expect(await rosa.page.content()).not.toContain('Robin');
    await onDesk(rosa.page, 'card-help');
    await take(rosa.page);
    for (const one of [page, maya.page]) await one.getByText('Rosa, coordinator, has joined.').waitFor();
    await maya.page.getByText('Rosa is in the talk.').waitFor();
    await say(rosa.page, 'I am Rosa, I look after the line');
    for (const one of [page, maya.page]) await reads(one, 'I am Rosa, I look after the line');
    expect(await bubbles(rosa.page)).not.toContain('only for Maya');
    for (const name of ['Ask a colleague in', 'Bring in a clinician']) expect(await can(rosa.page, name), name).toBe(0);
    await onDesk(rosa.page, 'helps');
    await rosa.page.getByRole('button', { name: /^Leave the talk/ }).click();
    const leaving = rosa.page.getByRole('dialog');
    await leaving.getByText('Maya goes on with').waitFor();
    expect(await leaving.innerText()).not.toContain('wrap-up');
    await leaving.getByRole('button', { name: 'Leave', exact: true }).click();
    await page.getByText('Rosa has left.').waitFor();
    await over(robin, maya);
    await part(rosa);
  });

  test('[CT5] with two peers in it the caller may ask either to leave, and is never left alone by it', async () => {
    const { maya, idris } = desks.given();
    const linnet = await talkWith('Linnet');
    const { page } = linnet;
    await page.locator('.who summary').click();
    expect(await page.getByRole('button', { name: /to leave$/ }).count()).toBe(0); // the only one who holds it
    await page.locator('.who summary').click();
    await asks(/^To join us/, /^Idris/);
    await sayYes(page);
    await take(idris.page);
    await page.getByText('Idris, peer, has joined.').waitFor();
    await page.locator('.who summary').click();
    await page.getByRole('button', { name: 'Ask Idris to leave' }).waitFor();
    await onPhone(page, 'ask-to-leave');
    await press(page, 'Ask Maya to leave');
    await page.getByText('Idris is here').first().waitFor();
    await maya.page.getByLabel('Topic').waitFor();
    await until('nobody else may be asked to leave', async () => {
      return (await page.getByRole('button', { name: /to leave$/ }).count()) === 0;
    });
    await over(linnet, maya, idris);
  });

  test('[IN6] another line is asked only to take it over, and the talk goes on there', async () => {
    const { stack, browser, maya } = desks.given();
    let { idris } = desks.given();
    const name = 'Night line';
    await changeLine(stack, { slug: 'night', name, shortName: 'Night', offerSeconds: 120 });
    for (const one of ['server1', 'worker1']) await stack.restart(one);
    await press(idris.page, 'End shift');
    await withDatabase(stack, (db) =>
      db.query(
        `update staff_line set line_id = (select id from line where slug = 'night')
         where staff_id = (select id from staff where email = 'idris@demo.example')`,
      ),
    );
    await part(idris);
    const heron = await person(browser, { phone: true });
    await withAxe(heron.context);
    await askForChat(heron.page, stack.url, 'Heron');
    await accept(maya.page);
    idris = await person(browser, { dark: true });
    await withAxe(idris.context);
    await signIn(idris.page, stack.url, stack.dataDir, 'idris@demo.example');
    await goAvailable(idris.page);

    await press(maya.page, 'Ask a colleague in');
    await dialog().getByText('Nobody on this line can come right now.').waitFor();
    expect(
      await dialog()
        .getByRole('radio', { name: /^To take it over/ })
        .isChecked(),
    ).toBe(true);
    expect(
      await dialog()
        .getByRole('radio', { name: /^To join us/ })
        .isDisabled(),
    ).toBe(true);
    await dialog()
      .getByRole('radio', { name: /^Whoever is free at Night line/ })
      .check();
    await onDesk(maya.page, 'other-line');
    await dialog().getByRole('button', { name: 'Ask Heron' }).click();
    await maya.page.getByText('Heron is asked if somebody of Night line may take over.').waitFor();
    await heron.page.getByText('Maya would like somebody of Night line to take over.').last().waitFor();
    await press(heron.page, 'Answer');
    await heron.page.getByText('Your talk would go on there, and Maya would leave.').waitFor();
    await onPhone(heron.page, 'ask-line');
    await heron.page.getByRole('button', { name: 'Yes, ask somebody of Night line' }).click();
    await idris.page.getByText('The talk comes to yours.').waitFor();
    await onDesk(idris.page, 'card-line');
    await take(idris.page);
    await heron.page.getByText('Idris, peer, has joined.').waitFor();
    await maya.page.getByText('Idris has taken it over.').waitFor();
    await over(heron, maya, idris);
    await part(maya, idris);
  });
});
