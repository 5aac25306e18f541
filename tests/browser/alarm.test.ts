import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  accept,
  askForChat,
  axe,
  bubbles,
  chromePath,
  goAvailable,
  offerSeconds,
  offerTitle,
  openBrowser,
  part,
  person,
  say,
  shoot,
  signIn,
  type Person,
} from './people.ts';

/** What the desk's page does with sound and notices, counted in the page; and the switches that a browser would turn. */
declare global {
  interface Window {
    heard: { tones: number; notices: { title: string; body: string }[] };
    soundShut: boolean;
    covered: boolean;
  }
}

let stack: Stack;
let browser: Browser;

/** Runs before every page of the context. */
function ears(): void {
  if (!location.protocol.startsWith('http')) return; // an empty page may not even look at its storage
  window.heard = { tones: 0, notices: [] };
  window.soundShut = sessionStorage.getItem('soundShut') === '1';
  window.covered = false;
  const stateOf = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'state');
  Object.defineProperty(BaseAudioContext.prototype, 'state', {
    get(this: BaseAudioContext) {
      return window.soundShut ? 'suspended' : (stateOf?.get?.call(this) as AudioContextState);
    },
  });
  const start = Object.getOwnPropertyDescriptor(AudioScheduledSourceNode.prototype, 'start');
  AudioScheduledSourceNode.prototype.start = function (this: AudioScheduledSourceNode, ...at: [number?]) {
    window.heard.tones++;
    (start?.value as (...when: [number?]) => void).apply(this, at);
  };
  window.Notification = class extends Notification {
    constructor(heading: string, options?: NotificationOptions) {
      super(heading, options);
      window.heard.notices.push({ title: heading, body: options?.body ?? '' });
    }
  };
  Object.defineProperty(document, 'hidden', { get: () => window.covered });
  Object.defineProperty(document, 'visibilityState', { get: () => (window.covered ? 'hidden' : 'visible') });
}
const tones = (page: Page): Promise<number> => page.evaluate(() => window.heard.tones);
const hush = (page: Page): Promise<void> => page.evaluate(() => void (window.heard.tones = 0));

async function deskOf(email: string): Promise<Person> {
  const desk = await person(browser);
  await desk.context.grantPermissions(['notifications'], { origin: stack.url });
  await desk.context.addInitScript(ears);
  await signIn(desk.page, stack.url, stack.dataDir, email);
  return desk;
}

describe.skipIf(!chromePath)('the alarm of the desk in real Chromium', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    await offerSeconds(stack, 120);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[P3] going on shift opens the sound; a closed one is said; an offer rings and is noticed, without a word of the caller', async () => {
    const desk = await deskOf('maya@demo.example');
    const { page } = desk;
    expect(await tones(page)).toBe(0);
    await page.getByRole('button', { name: 'Start shift' }).click();
    await page.getByText('Sound and notices are on.').waitFor();
    expect(await tones(page)).toBe(2); // the quiet test: two tones, once
    await page.getByRole('radio', { name: 'Available' }).check();

    // a browser that keeps the sound closed after a reload: said at once, and a press that does not open it is no promise
    await page.evaluate(() => sessionStorage.setItem('soundShut', '1'));
    await page.reload();
    await page.getByText('Sound is off.', { exact: true }).waitFor();
    await shoot(page, 'desk-sound-off-1280-light');
    expect(await axe(page)).toEqual([]);
    const on = page.getByRole('button', { name: 'Turn sound on' });
    await on.click();
    await page.getByText('Sound is off.', { exact: true }).waitFor();
    await page.evaluate(() => {
      sessionStorage.removeItem('soundShut');
      window.soundShut = false;
    });
    await on.click();
    await page.getByText('Sound and notices are on.').waitFor();

    await hush(page);
    await page.evaluate(() => (window.covered = true));
    const caller = await person(browser, { phone: true });
    await askForChat(caller.page, stack.url, 'Kestrel');
    await page.getByRole('heading', { name: offerTitle }).waitFor();
    await until('it rings', async () => (await tones(page)) >= 2);
    await until('a notice is shown', async () => (await page.evaluate(() => window.heard.notices.length)) === 1);
    expect(await page.evaluate(() => window.heard.notices)).toEqual([
      { title: 'Someone is waiting', body: 'Open your desk to answer.' },
    ]);
    expect(await page.title()).toBe('(1) Someone is waiting · Desk');
    await page.evaluate(() => (window.covered = false));
    await accept(page);
    await until('the title is quiet again', async () => (await page.title()) === 'Desk');
    await say(caller.page, 'canary-of-the-talk');
    await until('it is there', async () => (await bubbles(page)).includes('canary-of-the-talk'));
    for (const p of [page, caller.page]) await nothingKept(p, ['canary', 'Kestrel']);
    await part(caller, desk);
  });

  test('[PE6] two tabs are one presence: one rings, closing it hands the ring on and leaves the peer on shift', async () => {
    const desk = await deskOf('idris@demo.example');
    await goAvailable(desk.page);
    await desk.page.getByText('Sound and notices are on.').waitFor();
    const second = await desk.context.newPage();
    await second.goto(`${stack.url}/staff/desk`);
    expect(await second.getByRole('radio', { name: 'Available' }).isChecked()).toBe(true);
    await second.getByRole('button', { name: 'Play the sound' }).click();
    await until('both can be heard', async () => (await tones(second)) === 2);
    for (const page of [desk.page, second]) await hush(page);

    const board = await person(browser, { dark: true });
    await signIn(board.page, stack.url, stack.dataDir, 'rosa@demo.example');
    const caller = await person(browser, { phone: true });
    await askForChat(caller.page, stack.url, 'Plover');
    for (const page of [desk.page, second]) await page.getByRole('heading', { name: offerTitle }).waitFor();
    await until('the first rings', async () => (await tones(desk.page)) >= 2);
    expect(await tones(second)).toBe(0);
    const peers = board.page.getByRole('region', { name: 'Peers on shift' });
    await peers.getByRole('listitem').filter({ hasText: 'Idris' }).first().waitFor();
    expect(await peers.getByRole('listitem').filter({ hasText: 'Idris' }).count()).toBe(1);

    await desk.page.close();
    await until('the other goes on ringing', async () => (await tones(second)) >= 2);
    await caller.page.getByText('Somebody is reading what you asked for.').waitFor();
    await accept(second);
    await caller.page.getByText('Idris is here').first().waitFor();
    await say(second, 'still on shift');
    await caller.page.getByText('still on shift').waitFor();
    await part(caller, board, { ...desk, page: second });
  });

  test('[P3] the desk can be installed: manifest, icons, a start address of its own', async () => {
    const { page, ...visitor } = await person(browser);
    await page.goto(`${stack.url}/staff/sign-in`);
    const found = await page.evaluate(async () => {
      const link = document.querySelector<HTMLLinkElement>('link[rel="manifest"]');
      const answer = await fetch(link?.href ?? '');
      const manifest = (await answer.json()) as {
        name: string;
        start_url: string;
        scope: string;
        display: string;
        icons: { src: string }[];
      };
      const icons = await Promise.all(
        manifest.icons.map(async ({ src }) => {
          const picture = new Image();
          picture.src = new URL(src, link?.href).href;
          await picture.decode();
          return { src, type: (await fetch(picture.src)).headers.get('content-type'), width: picture.naturalWidth };
        }),
      );
      return { type: answer.headers.get('content-type'), manifest, icons };
    });
    expect(found.type).toMatch(/manifest\+json|application\/json/);
    expect(found.manifest).toMatchObject({ display: 'standalone', start_url: '/staff', scope: '/staff' });
    expect(found.manifest.name).not.toMatch(/crisis|mental|suicide/i);
    expect(found.icons.length).toBeGreaterThanOrEqual(2);
    for (const icon of found.icons) {
      expect(icon.type).toMatch(/^image\//);
      expect(icon.width).toBeGreaterThan(0);
    }
    const devtools = await page.context().newCDPSession(page);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    expect(installabilityErrors.map((e) => e.errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
    await part({ page, ...visitor });
  });
});

/** No storage of the device holds a word of a talk, and nothing answers in the place of the network (S23). */
async function nothingKept(page: Page, canaries: string[]): Promise<void> {
  const kept = await page.evaluate(async () => ({
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    caches: await caches.keys(),
    databases: (await indexedDB.databases()).length,
    words: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, document.title, location.href]),
  }));
  expect({ workers: kept.workers, caches: kept.caches, databases: kept.databases }).toEqual({
    workers: 0,
    caches: [],
    databases: 0,
  });
  for (const canary of canaries) expect(kept.words).not.toContain(canary);
}
