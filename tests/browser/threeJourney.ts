import type { Browser, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { until } from '../support/line.ts';
import type { Stack } from '../support/services.ts';
import { agreeOn, hears, inChat, joinWhereAsked, tones } from './calling.ts';
import { axe, bubbles, cutNetwork, part, refusedCall, say, shoot } from './people.ts';
import { mediaFigures } from './peerConnections.ts';
import { anaJoins, onCall, pushedMessages, thirdTone } from './third.ts';

const expected = [cutNetwork, refusedCall];
/** Three browsers join side by side on a machine with two cores. */
const joinsMs = 30_000;
const reads = (page: Page, words: string) =>
  until(`${words} is there`, async () => (await bubbles(page)).includes(words));
const silent = (page: Page) => until('no connection is left', async () => (await mediaFigures(page)).connections === 0);

/** Three people in one talk, whatever carries their calls. */
export function threeJourneys({
  stack,
  browser,
  name,
}: {
  stack: () => Stack;
  browser: () => Browser;
  name: string;
}): void {
  test('[PA1][PA5][CT2] a clinician joins chat and call, everybody hears both others, and who leaves hears nothing more', async () => {
    const { caller, desk } = await inChat(browser(), stack(), 'Maya', { expected });
    await say(caller.page, 'only for Maya');
    await reads(desk.page, 'only for Maya');
    const ana = await onCall(browser(), stack(), { expected });
    const pushed = pushedMessages(ana.page);
    await ana.page.reload();
    await anaJoins(stack());
    await caller.page.getByText('Ana, nurse, has joined.').waitFor();
    await desk.page.getByText('Ana, nurse, has joined.').waitFor();
    await ana.page.getByRole('textbox', { name: /^Write to/ }).waitFor();
    await say(ana.page, 'I am Ana, a nurse');
    await reads(caller.page, 'I am Ana, a nurse');
    await reads(desk.page, 'I am Ana, a nurse');
    await say(caller.page, 'hello both');
    await reads(ana.page, 'hello both');
    expect(await bubbles(ana.page)).toEqual(['I am Ana, a nurse', 'hello both']); // nothing of before
    expect(await caller.page.locator('.msg-clin .meta').innerText()).toMatch(/^Ana, nurse, \d/);
    await caller.page.locator('.who summary').click();
    await caller.page.getByText(/You, Maya, and Ana\. No one else/).waitFor();
    await caller.page.getByText(/Ana reads what is written from/).waitFor();
    await shoot(caller.page, `three-chat-${name}-320-light`);
    expect(await axe(caller.page)).toEqual([]);
    await caller.page.locator('.who summary').click();

    await agreeOn(desk.page, caller.page, 'Talk instead', 'Yes, talk');
    await Promise.all([caller, desk, ana].map(({ page }) => joinWhereAsked(page, joinsMs)));
    await Promise.all([
      hears(caller.page, tones.peer),
      hears(caller.page, thirdTone),
      hears(desk.page, tones.caller),
      hears(desk.page, thirdTone),
      hears(ana.page, tones.caller),
      hears(ana.page, tones.peer),
    ]);
    for (const who of ['Maya', 'Ana']) await caller.page.getByText(`${who} is talking`).first().waitFor();
    const loudness = () =>
      caller.page.locator('audio').evaluateAll((all) => all.map((a) => (a as HTMLAudioElement).volume));
    expect(await loudness()).toEqual([1, 1]);
    await caller.page.getByRole('button', { name: 'Sound', exact: true }).click();
    await caller.page.getByLabel('How loud Ana is').fill('0.2');
    await until('Ana alone is softer', async () => (await loudness()).sort().join() === '0.2,1');
    await caller.page.getByRole('button', { name: 'Sound', exact: true }).click();
    await shoot(caller.page, `three-call-${name}-320-light`);
    await shoot(desk.page, `three-call-${name}-desk-1280-light`);
    await shoot(ana.page, `three-call-${name}-clinician-320-light`);

    await ana.page.getByRole('button', { name: 'Leave the talk' }).click();
    await ana.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await caller.page.getByText('Ana has left.').waitFor();
    await silent(ana.page);
    const before = pushed.length;
    await Promise.all([hears(caller.page, tones.peer), hears(desk.page, tones.caller)]);
    await say(caller.page, 'canary after Ana');
    await reads(desk.page, 'canary after Ana');
    expect((await mediaFigures(caller.page)).connections).toBeGreaterThan(0);
    expect((await mediaFigures(ana.page)).connections).toBe(0);
    expect(pushed.slice(before)).toEqual([]);
    expect(await ana.page.locator('body').innerText()).not.toContain('canary');
    expect(await caller.page.locator('.msg-clin .meta').innerText()).toMatch(/^Ana, nurse, \d/); // still hers
    await caller.page.getByRole('button', { name: 'End', exact: true }).click();
    await caller.page.getByRole('button', { name: 'Yes, end it' }).click();
    await caller.page.getByText('nobody else is here').first().waitFor();
    await desk.page.getByRole('radio', { name: 'Break' }).check(); // the next test is another peer's
    await part(caller, desk, ana);
  });

  test('[CT2] the peer leaves the call: the clinician holds it and the talk goes on; the peer has a wrap-up', async () => {
    const { caller, desk } = await inChat(browser(), stack(), 'Idris', { expected });
    const ana = await onCall(browser(), stack(), { expected });
    await agreeOn(desk.page, caller.page, 'Talk instead', 'Yes, talk');
    await Promise.all([joinWhereAsked(caller.page, joinsMs), joinWhereAsked(desk.page, joinsMs)]);
    await anaJoins(stack(), 'all');
    await joinWhereAsked(ana.page, joinsMs);
    await Promise.all([hears(caller.page, thirdTone), hears(caller.page, tones.peer), hears(ana.page, tones.caller)]);
    await desk.page.getByRole('button', { name: /^Hand over/ }).click();
    await desk.page.getByText('Ana goes on with Sparrow.', { exact: false }).waitFor();
    await shoot(desk.page, `three-leave-${name}-desk-1280-light`);
    await desk.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await caller.page.getByText('Idris has left.').waitFor();
    await silent(desk.page);
    await desk.page
      .getByRole('heading', { name: /Wrap-up|wrap/i })
      .first()
      .waitFor();
    await Promise.all([hears(caller.page, thirdTone), hears(ana.page, tones.caller)]);
    await say(caller.page, 'thank you, Ana');
    await reads(ana.page, 'thank you, Ana');
    await caller.page.getByText('Ana is here').first().waitFor();
    await caller.page.getByRole('button', { name: 'End', exact: true }).click();
    await caller.page.getByRole('button', { name: 'Yes, end it' }).click();
    await caller.page.getByText('nobody else is here').first().waitFor();
    await part(caller, desk, ana);
  });
}
