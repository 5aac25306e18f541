import { weekdays, type LineConfig, type Weekday } from '@hearthline/shared/contracts/line';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  atDesk,
  axe,
  changeLine,
  chromePath,
  openBrowser,
  part,
  person,
  refusedCall,
  shoot,
  type Person,
} from './people.ts';

let stack: Stack;
let browser: Browser;
const zone = 'America/Chicago';
const callerZone = 'Asia/Tokyo';
const minute = 60_000;

/** Day and wall clock of the line at an instant. */
function onTheWall(at: number): { day: Weekday; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  const day = weekdays.find((d) => d === of('weekday').toLowerCase());
  if (!day) throw new Error(`no day of the week: ${of('weekday')}`);
  return { day, time: `${of('hour')}:${of('minute')}` };
}

/** One span between two instants less than a day apart, in hours of the line; a night is two. */
function hoursOf(from: number, to: number): LineConfig['hours'] {
  const [a, b] = [onTheWall(from), onTheWall(to)];
  if (a.day === b.day) return { [a.day]: [{ from: a.time, to: b.time }] };
  return {
    [a.day]: [{ from: a.time, to: '24:00' }],
    ...(b.time === '00:00' ? {} : { [b.day]: [{ from: '00:00', to: b.time }] }),
  };
}

const otherLines = [
  {
    name: 'Night line',
    about: 'Open through the night.',
    contact: { label: 'Call 555 0100', href: 'tel:+15550100' },
  },
];
/** The clock of these tests: the whole minute in which they start. */
const now = Math.floor(Date.now() / minute) * minute;
const opensAt = now + 26 * 60 * minute;
const inTokyo = (at: number): string =>
  plain(
    new Date(at).toLocaleString('en-US', {
      weekday: 'long',
      hour: 'numeric',
      minute: '2-digit',
      timeZone: callerZone,
    }),
  );
/** Every kind of space is a space. */
const plain = (text: string | null): string => (text ?? '').replace(/\s+/g, ' ').trim();

async function noButton(page: Page): Promise<void> {
  expect(await page.getByRole('link', { name: /Write/ }).count()).toBe(0);
  expect(await page.getByRole('button', { name: /place in line/ }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Call 988' }).getAttribute('href')).toBe('tel:988');
}
/** It has the focus and can be seen without scrolling. */
const inSight = (field: Element): boolean => {
  const { top, bottom } = field.getBoundingClientRect();
  return document.activeElement === field && top >= 0 && bottom <= innerHeight;
};
const inJapan = (): Promise<Person> =>
  person(browser, { phone: true, expected: [refusedCall], more: { timezoneId: callerZone } });

/** Somebody who kept the consent page open sends it on all the same. */
async function sendOn(page: Page, slug: string): Promise<void> {
  await page.goto(`${stack.url}/start?line=${slug}`);
  await page.getByLabel(/I have read this/).check();
  await page.getByRole('button', { name: 'Take a place in line' }).click();
  await page.waitForURL(/\/talk$/);
}

describe.skipIf(!chromePath)('a line that is not open, in real Chromium', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    const base = { timeZone: zone, otherLines };
    await changeLine(stack, { ...base, slug: 'closed', hours: hoursOf(opensAt, opensAt + 5 * 60 * minute) });
    const closing = { hours: hoursOf(now - 120 * minute, now + 25 * minute), intakeStopsMinutes: 30 };
    await changeLine(stack, { ...base, ...closing, slug: 'closing' });
    await changeLine(stack, { ...base, slug: 'nobody' });
    browser = await openBrowser();
    const knows = async () => (await (await fetch(`${stack.url}/?line=nobody`)).text()).includes('Night line');
    await until('the server knows the lines', knows, 20_000);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[C11][LN1] closed by its hours: when it opens, in the reader’s own time, and who else is there', async () => {
    const caller = await inJapan();
    const { page } = caller;
    await page.goto(`${stack.url}/?line=closed`);
    const title = page.getByRole('heading', { level: 1 });
    await until('the time is the reader’s own', async () =>
      plain(await title.textContent()).includes(inTokyo(opensAt)),
    );
    expect(plain(await title.textContent())).toBe(`We are closed now. We open ${inTokyo(opensAt)}.`);
    await noButton(page);
    await page.getByRole('heading', { name: 'Other lines' }).waitFor();
    expect(await page.getByRole('link', { name: 'Call 555 0100' }).getAttribute('href')).toBe('tel:+15550100');
    await shoot(page, 'caller-closed-320-light');
    expect(await axe(page)).toEqual([]);
    await sendOn(page, 'closed');
    await page.getByText('The line is closed now.').waitFor();
    await page.getByRole('link', { name: 'Call 988' }).waitFor();
    await shoot(page, 'caller-closed-talk-320-light');
    expect(await axe(page)).toEqual([]);
    await page.getByRole('link', { name: 'To the first page' }).click();
    await page.getByRole('heading', { name: /^We are closed now/ }).waitFor();
    // an address that is not there has the way out too (C9)
    await page.goto(`${stack.url}/nothing-here`);
    await page.getByRole('heading', { name: 'There is nothing at this address.' }).waitFor();
    await shoot(page, 'caller-not-found-320-light');
    expect(await axe(page)).toEqual([]);
    await page.getByRole('link', { name: 'Leave this page' }).click();
    await page.waitForURL('about:blank');
    await part(caller);
  });

  test('[C11][LN1] before closing the last new talk has started: no new one, and it says so', async () => {
    const caller = await inJapan();
    await caller.page.goto(`${stack.url}/?line=closing`);
    await caller.page.getByRole('heading', { name: 'We close soon.' }).waitFor();
    await caller.page.getByText('The last new talk has started.').waitFor();
    await noButton(caller.page);
    await caller.page.getByRole('heading', { name: 'Other lines' }).waitFor();
    await shoot(caller.page, 'caller-closing-320-light');
    await sendOn(caller.page, 'closing');
    await caller.page.getByText('The line is closed now.').waitFor();
    await caller.page.getByRole('link', { name: 'Call 988' }).waitFor();
    await part(caller);
  });

  test('[C11][LN1] within hours with nobody on shift: no button, and who sends the form all the same is told', async () => {
    const caller = await inJapan();
    await caller.page.goto(`${stack.url}/?line=nobody`);
    await caller.page.getByRole('heading', { name: 'Nobody can answer right now.' }).waitFor();
    await noButton(caller.page);
    await sendOn(caller.page, 'nobody');
    await caller.page.getByText('Nobody can answer right now.').waitFor();
    await caller.page.getByRole('link', { name: 'Call 988' }).waitFor();
    await part(caller);
  });

  test('[C1][B35] without JavaScript: read, consented to, sent on; then it says why it needs a script, with the numbers', async () => {
    const peer = await atDesk(browser, stack, 'maya@demo.example');
    const caller = await person(browser, { phone: true, expected: [refusedCall], more: { javaScriptEnabled: false } });
    const { page } = caller;
    await page.goto(stack.url);
    await page.getByRole('heading', { name: 'The light is on. Someone is here to listen.' }).waitFor();
    await page.getByText('Who answers').waitFor();
    await page.getByRole('link', { name: /Write/ }).click();
    await page.getByText('Read the full text').click();
    await page.getByText('What you write is encrypted in your browser').waitFor();
    await page.getByRole('button', { name: 'Take a place in line' }).click();
    await page.getByText('Tick this first, so that we know you have read it.').waitFor(); // told without a script too
    await until(
      'the box is in sight',
      async () => (await page.getByLabel(/I have read this/).evaluate(inSight)) === true,
    );
    await page.getByLabel('What should we call you?').fill('Dunnock');
    await page.getByLabel(/I have read this/).check();
    await page.getByRole('button', { name: 'Take a place in line' }).click();
    await page.waitForURL(/\/talk$/);
    await page.getByRole('heading', { name: 'This page needs JavaScript' }).waitFor();
    expect(await page.getByRole('link', { name: 'Call 988' }).first().getAttribute('href')).toBe('tel:988');
    expect(await page.getByRole('heading', { name: 'One moment' }).isVisible()).toBe(false); // nothing that is not true
    await shoot(page, 'caller-noscript-320-light');
    expect(await peer.page.locator('section.offer').count()).toBe(0); // and nobody is called for a page that cannot talk
    // leaving needs no script either
    await page.getByRole('link', { name: 'Leave this page' }).click();
    await page.waitForURL('about:blank');
    await part(caller, peer);
  });
});
