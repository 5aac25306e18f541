import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  can,
  card,
  field,
  none,
  onDesk,
  onPhone,
  over,
  press,
  pressesAtOnce,
  reads,
  sayYes,
  take,
  twoDesks,
  writtenUp,
} from './inviting.ts';
import { looks, rings } from './looks.ts';
import { bubbles, chromePath, part, pressTwice, say } from './people.ts';

const focused = (page: Page) => page.evaluate(() => document.activeElement?.tagName);

describe.skipIf(!chromePath)('a colleague in a talk, on the pages of both peers and the caller', () => {
  const desks = twoDesks();
  const { asks, dialog, late, sheet, talkWith } = desks;

  test('[IN1][IN2][IN3] a second peer joins: the caller first, then the colleague, by key, not before a second; all three write and read', async () => {
    const { maya, idris } = desks.given();
    const sparrow = await talkWith('Sparrow');
    const { page } = sparrow;
    await say(page, 'only for Maya');
    await reads(maya.page, 'only for Maya');
    await field(page).fill('half a sent');
    await sheet();
    for (const words of ['Whoever is free', 'Idris'])
      await dialog()
        .getByRole('radio', { name: new RegExp(`^${words} .*[Cc]ould come now`) })
        .waitFor();
    await dialog().getByText('Sparrow is asked first, and chooses what your colleague can see.').waitFor();
    await onDesk(maya.page, 'sheet');
    await pressTwice(dialog().getByRole('button', { name: 'Ask Sparrow' }));
    await maya.page.getByText('Sparrow is asked if a colleague may join.').waitFor();
    await maya.page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'A colleague');
    await maya.page.getByText(/^(5:00|4:\d\d) left to answer\. Nobody else is asked before that\.$/).waitFor();
    expect(await can(maya.page, 'Ask a colleague in')).toBe(0); // one at a time
    expect(await card(idris.page).count()).toBe(0);
    await onDesk(maya.page, 'asking');

    const ask = page.getByRole('region', { name: 'Maya would like a colleague to join. Is that all right?' });
    await ask.waitFor();
    expect(await focused(page)).toBe('TEXTAREA');
    expect(await field(page).inputValue()).toBe('half a sent');
    expect(await page.locator('.talk-foot > p.sr[role=status]').textContent()).toContain('Maya would like a colleague');
    await looks(page, 'invitation-ask-short', [320, 390]);
    for (const one of [sparrow, maya]) await one.page.reload();
    await maya.page.getByText('Sparrow is asked if a colleague may join.').waitFor();
    await ask.getByRole('button', { name: 'Answer' }).click();
    expect(await ask.getByRole('radio', { name: /^Nothing/ }).isChecked()).toBe(true);
    await ask.getByText('Whoever is free: a peer of this line, like Maya. Both would be with you.').waitFor();
    await onPhone(page, 'ask');
    await pressesAtOnce(idris.page, 'a');
    await ask.getByRole('button', { name: 'Yes, ask a colleague' }).click();

    await page.getByText('Idris is being asked. Maya stays with you.').last().waitFor();
    await maya.page.getByText('Idris is asked to join.').waitFor();
    const asked = idris.page.getByRole('region', { name: 'Maya asks you in' });
    await asked.waitFor();
    await rings(idris.page);
    expect(await idris.page.title()).toBe('(1) A colleague asks for you · Desk');
    expect(await idris.page.content()).not.toContain('Sparrow');
    await onPhone(page, 'ringing');
    await onDesk(maya.page, 'ringing');
    expect(await idris.page.evaluate(() => document.body.dataset['pressed'])).toBe('a'); // and it was held back
    await onDesk(idris.page, 'card');
    for (const one of [sparrow, maya, idris]) await one.page.reload();
    await asked.waitFor();
    await asked.locator('.btn-lamp:not([aria-disabled="true"])').waitFor();
    await idris.page.keyboard.press('a');

    await field(idris.page).waitFor();
    for (const one of [page, maya.page]) await one.getByText('Idris, peer, has joined.').waitFor();
    await maya.page.getByText('Idris is in the talk.').waitFor();
    await idris.page.getByText('You see what is written from when you joined.').waitFor();
    expect(await bubbles(idris.page)).toEqual([]);
    await onDesk(idris.page, 'joined');
    await onDesk(maya.page, 'has-joined');
    await maya.page.getByRole('button', { name: 'All right' }).click();
    await maya.page.getByText('Idris is in the talk.').waitFor(none);
    await say(idris.page, 'I am Idris');
    await say(page, 'hello both');
    await say(maya.page, 'there we are');
    for (const one of [page, maya.page, idris.page]) await reads(one, 'I am Idris', 'hello both', 'there we are');
    expect(await bubbles(idris.page)).not.toContain('only for Maya');
    expect(await can(idris.page, 'Ask a colleague in')).toBe(0); // Maya holds it
    expect(await can(idris.page, 'Bring in a clinician')).toBe(0);
    expect(await can(maya.page, 'Bring in a clinician')).toBe(1);
    await page.getByText('Maya and Idris are here').first().waitFor();
    await page.locator('.who summary').click();
    await page.getByText(/Idris reads what is written from/).waitFor();
    await onPhone(page, 'panel');
    for (const one of [sparrow, maya, idris]) await one.page.reload();
    for (const one of [page, maya.page, idris.page]) await reads(one, 'I am Idris', 'hello both', 'there we are');
    await over(sparrow, maya, idris);
  });

  test('[IN3][CT1] Idris by name takes it over and reads what was before; Maya says goodbye and leaves; both write up', async () => {
    const { maya, idris } = desks.given();
    const wren = await talkWith('Wren');
    const { page } = wren;
    await say(page, 'since March');
    await reads(maya.page, 'since March');
    await asks(/^To take it over/, /^Idris/);
    await maya.page.getByText('Wren is asked if Idris may take over.').waitFor();
    await page.getByRole('heading', { name: 'Maya would like Idris to take over. Is that all right?' }).waitFor();
    await sayYes(page, /^What we wrote so far/);
    await idris.page.getByRole('heading', { name: 'Maya asks you to take over' }).waitFor();
    await onDesk(idris.page, 'card-take');
    await take(idris.page);
    await reads(idris.page, 'since March');
    await maya.page.getByText('Idris holds this talk.').waitFor();
    await maya.page.getByText('Idris has taken it over.').waitFor();
    await maya.page.getByText('You can leave when you like.').waitFor();
    await page.getByText('Idris and Maya are here').first().waitFor();
    for (const name of ['Ask a colleague in', 'Bring in a clinician']) {
      expect(await can(maya.page, name), name).toBe(0);
      expect(await can(idris.page, name), name).toBe(1);
    }
    await onDesk(maya.page, 'taken-over');
    for (const one of [wren, maya, idris]) await one.page.reload();
    await say(maya.page, 'Idris goes on with you. Take care');
    await reads(page, 'Idris goes on with you. Take care');
    await maya.page.getByRole('button', { name: /^Leave the talk/ }).click();
    await dialog().getByText('Idris goes on with Wren.').waitFor();
    await onDesk(maya.page, 'leaving');
    await dialog().getByRole('button', { name: 'Leave', exact: true }).click();
    await maya.page.getByLabel('Topic').waitFor();
    await page.getByText('Maya has left.').waitFor();
    await page.getByText('Idris is here').first().waitFor();
    await say(page, 'thank you, Idris');
    await reads(idris.page, 'since March', 'thank you, Idris');
    // [CS2] what was before is taken back: gone from the page that had it, and not had again
    await page.locator('.who summary').click();
    await onPhone(page, 'close-before');
    await page.getByRole('button', { name: 'Close what was before to Idris' }).click();
    await idris.page.getByText('since March').waitFor(none);
    await page.getByText(/Idris reads what is written from/).waitFor();
    expect(await page.getByRole('button', { name: /^Close what was before/ }).count()).toBe(0);
    await idris.page.reload();
    await reads(idris.page, 'thank you, Idris');
    expect(await bubbles(idris.page)).not.toContain('since March');
    await reads(page, 'since March', 'thank you, Idris');
    await onPhone(page, 'gone-on');
    await idris.page.getByRole('button', { name: 'End: Wren' }).click();
    await idris.page.getByRole('button', { name: 'End the talk' }).click();
    await page.getByText('nobody else is here').first().waitFor();
    for (const one of [maya, idris]) await writtenUp(one);
    await part(wren);
  });

  test('[IN4][IN5] cannot now, the caller’s no, taken back by each: the talk is as it was, and both are told calmly', async () => {
    const { maya, idris } = desks.given();
    const fern = await talkWith('Fern');
    const { page } = fern;
    await asks(/^To join us/, /^Idris/);
    await sayYes(page);
    await idris.page.getByRole('button', { name: /^I can’t now/ }).click();
    await idris.page.getByText('Passed on. You are still available.').waitFor();
    await maya.page.getByText('Idris is not coming. The talk is with you as before.').waitFor();
    await page.getByText('Nobody else comes now. Maya stays with you.').last().waitFor();
    await onDesk(maya.page, 'returned');
    await onPhone(page, 'not-now');
    await press(page, 'All right');
    await page.getByText('Nobody else comes now.').last().waitFor(none);

    await asks(/^To join us/, /^Whoever is free/);
    await maya.page.getByText('Idris is not coming.').waitFor(none); // the older one is gone with the next
    await press(page, 'Not now');
    await page.getByText('That is fine. Maya stays, and nobody was asked.').last().waitFor();
    await maya.page.getByText('Fern said no. Nobody was asked.').waitFor();
    await onDesk(maya.page, 'no');
    await press(maya.page, 'All right');
    await maya.page.getByText('Fern said no.').waitFor(none);

    await asks(/^To take it over/, /^Whoever is free/);
    await sayYes(page);
    await card(idris.page).waitFor();
    await press(maya.page, 'Take it back');
    await idris.page.getByText('You are not asked into Maya’s talk any more. You are still available.').waitFor();
    await maya.page.getByText('Called off. Nobody comes.').waitFor();
    await page.getByText('Nobody else comes now. Maya stays with you.').last().waitFor();

    // where there is room all of it stands there at once
    await page.setViewportSize({ width: 1280, height: 900 });
    await asks(/^To join us/, /^Idris/);
    await page.getByRole('button', { name: 'Yes, ask Idris' }).click();
    await card(idris.page).waitFor();
    await press(page, 'I’d rather not');
    await page.getByText('We have stopped asking. Nobody comes. Maya stays with you.').last().waitFor();
    await card(idris.page).waitFor(none);
    await page.setViewportSize({ width: 320, height: 700 });
    await over(fern, maya);
  });

  test('[IN4][OF5] a silence pauses Idris, with the words for it; a clinician is asked for beside it', async () => {
    const { maya, idris } = desks.given();
    const reed = await talkWith('Reed');
    const { page } = reed;
    await press(maya.page, 'Bring in a clinician');
    await dialog()
      .getByRole('radio', { name: /joins us/ })
      .check();
    await dialog().getByRole('button', { name: 'Ask Reed' }).click();
    await dialog().waitFor(none);
    await asks(/^To join us/, /^Idris/);
    for (const who of ['bring in a clinician', 'like Idris to join']) await page.getByText(who).last().waitFor();
    await onPhone(page, 'both');
    await onDesk(maya.page, 'both');
    const ask = page.getByRole('region', { name: /^Maya would like Idris to join/ });
    await ask.getByRole('button', { name: 'Answer' }).click();
    await ask.getByRole('button', { name: 'Yes, ask Idris' }).click();
    await card(idris.page).waitFor();
    await late();
    await idris.page.getByText('Maya’s talk goes on without you. You are paused until you come back.').waitFor();
    await idris.page.getByText('You are paused.', { exact: true }).waitFor();
    await idris.page.getByText('The time to answer was over, so we paused you. No mark against you.').waitFor();
    await maya.page.getByText('Idris is not coming. The talk is with you as before.').waitFor();
    await onDesk(idris.page, 'paused');
    await press(idris.page, 'I’m back');
    await over(reed, maya);
  });
});
