import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { until } from '../support/line.ts';
import { ROOT, close, open, raisedLimits, startStack } from '../support/services.ts';
import {
  accept,
  askForChat,
  atDesk,
  bubbles,
  offerSeconds,
  offerTitle,
  openBrowser,
  part,
  person,
  say,
  signIn,
} from './people.ts';

/**
 * Makes the pictures of README.md anew, on a demo line of its own:
 *   node tests/browser/screenshots.ts
 */
const folder = join(ROOT, 'docs', 'screenshots');
const mostBytes = 150_000;

async function picture(page: Page, name: string): Promise<void> {
  const path = join(folder, `${name}.png`);
  await page.mouse.move(0, 0);
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const { size } = statSync(path);
  if (size > mostBytes) throw new Error(`${path} has ${size} bytes, more than ${mostBytes}`);
  console.log(`${path} ${Math.ceil(size / 1000)} kB`);
}

const phone = { phone: true, more: { viewport: { width: 390, height: 844 }, timezoneId: 'America/Chicago' } };
const screen = {
  more: { viewport: { width: 1120, height: 752 }, timezoneId: 'America/Chicago', permissions: ['notifications'] },
};

mkdirSync(folder, { recursive: true });
await open();
const stack = await startStack({ seed: true, env: raisedLimits });
const browser = await openBrowser();
try {
  await offerSeconds(stack, 60);
  const maya = await atDesk(browser, stack, 'maya@demo.example', screen);
  const idris = await atDesk(browser, stack, 'idris@demo.example', screen);
  const board = await person(browser, { dark: true, ...screen });
  await signIn(board.page, stack.url, stack.dataDir, 'rosa@demo.example');

  const sparrow = await person(browser, phone);
  await sparrow.page.goto(stack.url);
  await sparrow.page.getByRole('link', { name: /Write/ }).waitFor();
  await picture(sparrow.page, 'first-page');

  // one talk each for the peers, then three more who wait
  await idris.page.getByRole('radio', { name: 'Break' }).check();
  await askForChat(sparrow.page, stack.url, 'Sparrow');
  await accept(maya.page);
  const lines: [Page, string][] = [
    [sparrow.page, 'hi. not sure how this works'],
    [maya.page, 'I’m glad you came. Write as it comes.'],
    [sparrow.page, 'three weeks since my brother. everybody is back to normal'],
    [maya.page, 'And for you nothing is back to normal. What was he like?'],
    [sparrow.page, 'he sang when he cooked. badly'],
  ];
  for (const [index, [page, text]] of lines.entries()) {
    await say(page, text);
    for (const side of [sparrow.page, maya.page])
      await until('both have it', async () => (await bubbles(side)).length === index + 1);
  }
  await idris.page.getByRole('radio', { name: 'Available' }).check();
  const callers = [];
  for (const name of ['Fern', 'Wren', 'Moss']) {
    const caller = await person(browser, { ...phone, dark: name === 'Moss' });
    await askForChat(caller.page, stack.url, name);
    callers.push(caller);
    const asked = name === 'Fern' ? idris : maya;
    if (name === 'Moss') continue;
    await asked.page.getByRole('heading', { name: offerTitle }).waitFor();
    if (name === 'Fern') {
      await accept(idris.page);
      await say(caller.page, 'hello, is somebody there?');
      await idris.page.getByText('hello, is somebody there?').waitFor();
      await idris.page.getByRole('radio', { name: 'Finishing' }).check();
    }
  }
  const waiting = callers.at(-1);
  await waiting?.page.getByRole('heading', { name: 'You are second in line' }).waitFor();
  if (waiting) await picture(waiting.page, 'waiting');
  await sparrow.page.getByText('Read', { exact: true }).last().waitFor();
  await picture(sparrow.page, 'talk');
  await picture(maya.page, 'desk');
  await board.page.getByText('Idris and Guest').waitFor();
  await board.page
    .getByText(/^Guest \d+$/)
    .nth(1)
    .waitFor();
  await picture(board.page, 'board');
  await part(maya, idris, board, sparrow, ...callers);
} finally {
  await browser.close();
  await stack.stop();
  await close();
}
