import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { until } from '../support/line.ts';
import {
  askForChat,
  atDesk,
  axe,
  bubbles,
  chromePath,
  cutNetwork,
  openBrowser,
  part,
  person,
  shoot,
  signIn,
} from './people.ts';

let stack: Stack;
let browser: Browser;
describe.skipIf(!chromePath)('the main job in real Chromium', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[C11] with nobody on shift there is no chat button, and the page says where else to turn', async () => {
    const visitor = await person(browser, { phone: true });
    const { page } = visitor;
    await page.goto(stack.url);
    await page.getByRole('heading', { name: 'Nobody can answer right now.' }).waitFor();
    expect(await page.getByRole('link', { name: /Write/ }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Call 988' }).getAttribute('href')).toBe('tel:988');
    await shoot(page, 'caller-nobody-320-light');
    expect(await axe(page)).toEqual([]);
    await part(visitor);
  });

  test('a caller talks with a peer: place, offer, chat with marks, server killed, end, survey, wrap-up', async () => {
    const desk = await atDesk(browser, stack, 'maya@demo.example', { expected: [cutNetwork] });
    const board = await person(browser, { dark: true, expected: [cutNetwork] });
    await signIn(board.page, stack.url, stack.dataDir, 'rosa@demo.example');
    const caller = await person(browser, { phone: true, expected: [cutNetwork] });
    await askForChat(caller.page, stack.url, 'Sparrow');
    await desk.page.getByRole('heading', { name: 'Someone is waiting for you' }).waitFor();
    await desk.page.getByText('Sparrow').first().waitFor();
    await shoot(desk.page, 'desk-offer-1280-light');
    await shoot(caller.page, 'caller-next-320-light');
    expect(await axe(caller.page)).toEqual([]);
    expect(await axe(desk.page)).toEqual([]);
    await desk.page.locator('button:has-text("Accept"):not([aria-disabled="true"])').click();
    await caller.page.getByText('Maya is here').first().waitFor();
    const write = caller.page.getByLabel('Write to Maya');
    const answer = desk.page.getByRole('textbox', { name: /Write to Sparrow|Sparrow/ }).first();
    await write.fill('hi. it’s been three weeks since my brother');
    await write.press('Enter');
    await desk.page.getByText('three weeks since my brother').waitFor();
    await answer.fill('I’m glad you came.');
    await answer.press('Enter');
    await caller.page.getByText('I’m glad you came.').waitFor();
    await caller.page.getByText('Read', { exact: true }).first().waitFor();
    await shoot(board.page, 'board-1280-dark');
    expect(board.errors).toEqual([]);
    await until('the board shows the conversation', async () =>
      (await board.page.locator('body').innerText()).includes('Maya'),
    );
    await shoot(board.page, 'board-1280-dark');
    expect(await axe(board.page)).toEqual([]);

    // the server dies while both are writing (F2, F3)
    await write.fill('one before');
    await write.press('Enter');
    await stack.kill('server1', 'SIGKILL');
    await write.fill('two while it was away');
    await write.press('Enter');
    await caller.page.getByText('The connection dropped. We are trying again.').first().waitFor();
    await stack.restart('server1');
    await answer.fill('still here');
    await answer.press('Enter');
    const all = [
      'hi. it’s been three weeks since my brother',
      'I’m glad you came.',
      'one before',
      'two while it was away',
      'still here',
    ];
    const complete = async () =>
      (await bubbles(caller.page)).length === all.length &&
      (await bubbles(desk.page)).length === all.length &&
      (await caller.page.getByText('Sending…').count()) === 0;
    await until('both sides are complete', complete, 15_000);
    const [seenByCaller, seenByPeer] = [await bubbles(caller.page), await bubbles(desk.page)];
    expect(seenByCaller).toEqual(seenByPeer); // same order, exactly once, on both sides (I12, I13)
    expect([...seenByCaller].sort()).toEqual([...all].sort());
    await caller.page.reload();
    await until('a reload shows it all again', async () => (await bubbles(caller.page)).length === all.length);
    expect(await bubbles(caller.page)).toEqual(seenByPeer);
    await shoot(caller.page, 'caller-chat-320-light');
    await shoot(desk.page, 'desk-chat-1280-light');
    expect(await axe(caller.page)).toEqual([]);
    expect(await axe(desk.page)).toEqual([]);

    await caller.page.getByRole('button', { name: 'End', exact: true }).click();
    await caller.page.getByRole('button', { name: 'Yes, end it' }).click();
    await caller.page.getByRole('heading', { name: /Thank you for talking with us, Sparrow/ }).waitFor();
    await caller.page
      .getByRole('radio', { name: /5 of 5, Very much/ })
      .first()
      .check({ force: true });
    await caller.page.getByLabel('In your own words').fill('someone stayed');
    await caller.page.getByRole('button', { name: 'Send my answers' }).click();
    await caller.page.getByText('Your answers are sent.').waitFor();
    await caller.page.getByRole('button', { name: 'Give me a code' }).click();
    const code = await caller.page.locator('.code').textContent();
    await shoot(caller.page, 'caller-after-320-light');
    expect(await axe(caller.page)).toEqual([]);

    await desk.page.getByLabel('Topic').selectOption('Grief');
    await desk.page.getByLabel('How it ended').selectOption('Ended together');
    await desk.page.getByRole('radio', { name: '2, Some' }).check({ force: true });
    await shoot(desk.page, 'desk-wrapup-1280-light');
    expect(await axe(desk.page)).toEqual([]);
    await desk.page.getByRole('button', { name: 'Save', exact: true }).click();
    await desk.page.getByRole('heading', { name: /Wrap-up/ }).waitFor({ state: 'detached' });

    // the code brings them back on another device, and ends the old page (S12)
    const other = await person(browser, { phone: true, dark: true });
    await other.page.goto(`${stack.url}/code`);
    await other.page.getByLabel('The five words').fill((code ?? '').toUpperCase());
    await other.page.getByRole('button', { name: 'Go back to it' }).click();
    await other.page.getByRole('heading', { name: /Thank you for talking with us, Sparrow/ }).waitFor();
    await caller.page.getByRole('heading', { name: 'This page is closed' }).waitFor();
    await part(desk, board, caller, other);
    expect(stack.output()).not.toMatch(/three weeks|someone stayed|Sparrow/);
  });

  test('[C5][F1] the place survives reloads and a killed server; leaving is one press away', async () => {
    const desk = await atDesk(browser, stack, 'idris@demo.example', { expected: [cutNetwork] });
    const callers = [];
    for (const name of ['Fern', 'Moss', 'Wren']) {
      const p = await person(browser, { phone: true, dark: true, expected: [cutNetwork] });
      await askForChat(p.page, stack.url, name);
      callers.push(p);
      if (name === 'Fern') continue; // offered to Idris, who is available
      await p.page.getByRole('heading', { name: `You are ${name === 'Moss' ? 'second' : 'third'} in line` }).waitFor();
    }
    const [, moss, wren] = callers;
    if (!moss || !wren) throw new Error('three callers');
    await wren.page.reload();
    await wren.page.getByRole('heading', { name: 'You are third in line' }).waitFor();
    await wren.page.getByText('We don’t know yet how long').waitFor();
    await shoot(wren.page, 'caller-wait-320-dark');
    expect(await axe(wren.page)).toEqual([]);
    await stack.kill('server1', 'SIGKILL');
    await wren.page.getByText('The connection dropped. We are trying again.').first().waitFor();
    await stack.restart('server1');
    await wren.page.getByText('The connection dropped').first().waitFor({ state: 'detached' });
    await wren.page.getByRole('heading', { name: 'You are third in line' }).waitFor();
    await moss.page.getByRole('button', { name: 'Leave the line' }).click();
    await moss.page.getByRole('button', { name: 'Yes, leave the line' }).click();
    await moss.page.getByRole('heading', { name: 'You left the line.' }).waitFor();
    await wren.page.getByRole('heading', { name: 'You are second in line' }).waitFor();
    // quick exit: the page is empty at once and Back does not return to it
    await wren.page.keyboard.press('Tab');
    expect(await wren.page.evaluate(() => document.activeElement?.textContent)).toContain('Leave this page');
    await wren.page.keyboard.press('Enter');
    await wren.page.waitForURL('about:blank');
    expect(await wren.page.locator('body').textContent()).toBe('');
    await part(...callers, desk);
  });
});
