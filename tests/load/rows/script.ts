import type { CDPSession } from 'playwright-core';
import { chromePath, openBrowser, person } from '../../browser/people.ts';
import type { Ending } from '../ending.ts';
import { figure, type Figure } from '../figures.ts';
import { pairedRounds } from '../paired.ts';
import { benchStack, crowd } from '../people.ts';
import type { Settings } from '../settings.ts';
import { acceptsOne } from '../talks.ts';

/** Rocket.Chat livechat 1.13.3 at the same throttling, as it was measured once, on another machine. */
const theirsMs = 788;
const throttling = 4;

/** Row 11: script over the wire of a caller's pages, and the time it takes on a slow phone. */
export async function scriptRows(s: Settings, ending: Ending): Promise<Figure[]> {
  if (!chromePath) {
    console.log('SKIPPED  row 11, script of the pages: there is no Chromium on this machine');
    return [];
  }
  const stack = await benchStack(ending);
  const people = await crowd(stack, ending);
  const browser = await openBrowser();
  ending.add(() => browser.close());
  const measured = await pairedRounds(
    s.rounds,
    async () => {
      const [peer] = await people.peers(1); // the only one who is free, in a round that is repeated too
      if (!peer) throw new Error('no peer');
      const accepted = acceptsOne(peer);
      const { page, context } = await person(browser, { phone: true });
      const cdp = await context.newCDPSession(page);
      await cdp.send('Network.enable');
      await cdp.send('Performance.enable');
      await cdp.send('Emulation.setCPUThrottlingRate', { rate: throttling });
      const bytes = scriptBytes(cdp);
      await page.goto(stack.url);
      await page.getByRole('link', { name: /Write/ }).click();
      await page.getByLabel(/I have read this/).check();
      await page.waitForLoadState('networkidle');
      const first = bytes();
      const spent = await scriptMs(cdp);
      await page.getByRole('button', { name: 'Take a place in line' }).click();
      await page.waitForURL(/\/talk$/);
      await accepted;
      await page.getByRole('textbox', { name: /^Write to/ }).waitFor();
      await page.waitForLoadState('networkidle');
      const values = { first, talk: bytes() - first, ms: await newPageMs(cdp, spent) };
      await context.close();
      return values;
    },
    (n, v) =>
      console.log(
        `row 11  round ${n}/${s.rounds}  first ${v.first.toFixed(1)} kB, talk ${v.talk.toFixed(1)} kB, ${v.ms.toFixed(0)} ms of script`,
      ),
  );
  const goal = { row: 11, unit: 'kB', better: 'lower' } as const;
  return [
    figure(
      { ...goal, what: "script of a caller's first pages, over the wire", bar: 35, aim: 5 },
      measured,
      (v) => v.first,
    ),
    figure(
      { ...goal, what: 'script of the waiting and chat page, over the wire', bar: 90, aim: 60 },
      measured,
      (v) => v.talk,
    ),
    figure(
      {
        row: 11,
        what: `script time of the waiting and chat page at ${throttling} × throttling ÷ Rocket.Chat livechat`,
        unit: '',
        better: 'lower',
        bar: 0.7,
        aim: 0.4,
      },
      measured,
      (v) => v.ms / theirsMs,
      `theirs is the recorded ${theirsMs} ms of another machine`,
    ),
  ];
}

/** Kilobytes of script that came so far, as they were sent. */
function scriptBytes(cdp: CDPSession): () => number {
  const scripts = new Set<string>();
  let total = 0;
  cdp.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId);
  });
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) total += encodedDataLength;
  });
  return () => total / 1024;
}
async function scriptMs(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return (metrics.find((m) => m.name === 'ScriptDuration')?.value ?? 0) * 1000;
}
/** The metric counts the tab's pages together, or begins anew with a page in another process. */
async function newPageMs(cdp: CDPSession, before: number): Promise<number> {
  const now = await scriptMs(cdp);
  return now >= before ? now - before : now;
}
