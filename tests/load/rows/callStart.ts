import type { Browser } from 'playwright-core';
import { openCallBrowser, ready, tones, withDevices } from '../../browser/calling.ts';
import { atDesk, chromePath, person, type Person } from '../../browser/people.ts';
import { createCrew } from '../../support/crew.ts';
import { until } from '../../support/line.ts';
import { startTestLivekit } from '../../support/livekit.ts';
import { raisedLimits, startStack, type Stack } from '../../support/services.ts';
import { bareJoins } from '../calls/bareJoin.ts';
import { firstSound } from '../calls/firstSound.ts';
import type { Ending } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { pairedRounds } from '../paired.ts';
import type { Settings } from '../settings.ts';

/** Row 13: from the press on Accept until both hear each other, against two pages with nothing but LiveKit's client. */
export async function callStartRows(s: Settings, ending: Ending): Promise<Figure[]> {
  if (!chromePath) {
    console.log('SKIPPED  row 13: there is no Chromium on this machine');
    return [];
  }
  const livekit = await startTestLivekit();
  ending.add(livekit.stop);
  const stack = await startStack({ seed: true, env: { ...raisedLimits, ...livekit.env } });
  ending.add(stack.stop);
  const crew = await createCrew({ ...stack.env, ...livekit.env });
  ending.add(crew.close);
  const browser = await openCallBrowser();
  ending.add(() => browser.close());
  const bareJoin = await bareJoins(browser, crew.deps.media, livekit.url, ending);
  const desk = await atDesk(browser, stack, 'maya@demo.example', { more: withDevices });
  await ready(desk, tones.peer);
  await desk.page.reload();
  const measured = await pairedRounds(
    s.rounds,
    async (round) => {
      const first = round % 2 ? await bareJoin() : await ourStart(browser, stack, desk);
      const second = round % 2 ? await ourStart(browser, stack, desk) : await bareJoin();
      return round % 2 ? { bare: first, ours: second } : { ours: first, bare: second };
    },
    (n, { ours, bare }, taken) =>
      console.log(`row 13  round ${n}/${s.rounds}  ours ${ours} ms  bare ${bare} ms  ${lost(taken)}`),
  );
  return [
    figure(
      {
        row: 13,
        what: 'voice: accept → heard on both sides ÷ a bare LiveKit join of two pages',
        unit: '',
        better: 'lower',
        bar: 1.5,
        aim: 1.1,
      },
      measured,
      ({ ours, bare }) => ours / bare,
      'sealed in the browsers, through our port; bare is neither',
    ),
  ];
}

/** One caller who waits with their script loaded and the microphone given, from Accept to both hearing each other. */
async function ourStart(browser: Browser, stack: Stack, desk: Person): Promise<number> {
  const caller = await person(browser, { phone: true, more: withDevices });
  await ready(caller, tones.caller);
  const { page } = caller;
  await page.goto(stack.url);
  await page.getByRole('link', { name: /^Talk By voice/ }).click();
  await page.getByLabel(/I have read this/).check();
  await page.getByRole('button', { name: 'Take a place in line' }).click();
  const accept = desk.page.locator('button:has-text("Accept"):not([aria-disabled="true"])');
  await accept.waitFor();
  await page.waitForLoadState('networkidle');
  await desk.page.waitForLoadState('networkidle');
  // from the press itself: the driver takes its time to find the button and to scroll to it
  const pressed = desk.page.evaluate(
    () => new Promise<number>((at) => addEventListener('click', () => at(Date.now()), { capture: true, once: true })),
  );
  await accept.click();
  const from = await pressed;
  const heard = Math.max(...(await Promise.all([firstSound(page), firstSound(desk.page)])));
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByRole('button', { name: 'Yes, end it' }).click();
  await caller.context.close();
  await wrapUp(desk);
  return heard - from;
}

async function wrapUp({ page }: Person): Promise<void> {
  await page.getByRole('radio', { name: /^1/ }).check();
  for (const select of await page.locator('[data-wrapup] select').all()) await select.selectOption({ index: 1 });
  await page.getByRole('button', { name: /Save/ }).click();
  await until('the wrap-up is sent', async () => (await page.locator('[data-wrapup]').count()) === 0);
  const available = page.getByRole('radio', { name: 'Available' });
  if (!(await available.isChecked())) await available.check();
}
