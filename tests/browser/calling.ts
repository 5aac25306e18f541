import { chromium, type Browser, type Page } from 'playwright-core';
import { until } from '../support/line.ts';
import type { Stack } from '../support/services.ts';
import { accept, askForChat, atDesk, launchOptions, part, person, type Person, type PersonOptions } from './people.ts';
import { callFlags, mediaFigures, speakTone, toneHeard, watchPeerConnections } from './peerConnections.ts';

/** Two clear tones, so that each side is known by what the other one hears. */
export const tones = { caller: 440, peer: 880 };

export const openCallBrowser = (): Promise<Browser> =>
  chromium.launch({ ...launchOptions, args: [...(launchOptions.args ?? []), ...callFlags] });

export const withDevices = { permissions: ['microphone', 'camera'] };

export type Pair = { caller: Person; desk: Person };

/** A caller and a peer in a chat, each with a microphone of their own tone. One peer a test: their shift is not over with it. */
export async function inChat(
  browser: Browser,
  stack: Stack,
  peer: 'Maya' | 'Idris',
  options: PersonOptions = {},
): Promise<Pair> {
  const more = { ...options, more: { ...withDevices, ...options.more } };
  const desk = await atDesk(browser, stack, `${peer.toLowerCase()}@demo.example`, { ...more, phone: false });
  await ready(desk, tones.peer);
  await desk.page.reload(); // what was prepared counts from the next page on
  const caller = await person(browser, { phone: true, ...more });
  await ready(caller, tones.caller);
  await askForChat(caller.page, stack.url, 'Sparrow');
  await accept(desk.page);
  await caller.page.getByText(`${peer} is here`).first().waitFor();
  return { caller, desk };
}

/** From the next page on this person has a microphone of their own tone, and their connections are counted. */
export async function ready({ context }: Pick<Person, 'context'>, hz: number): Promise<void> {
  await watchPeerConnections(context);
  await speakTone(context, hz);
}

/** One asks, the other says yes. */
export async function agreeOn(asker: Page, other: Page, button: string, yes: string): Promise<void> {
  await asker.getByRole('button', { name: button, exact: true }).click();
  await other.getByRole('button', { name: yes, exact: true }).click();
}

/** Where a press is needed because addresses become visible, it is made. */
export async function joinWhereAsked(page: Page, withinMs?: number): Promise<void> {
  const stage = page.locator('[data-stage]');
  await stage.waitFor();
  await until(
    'the call begins',
    async () => {
      const now = await stage.getAttribute('data-stage');
      if (now === 'ready') await page.getByRole('button', { name: 'Join with sound' }).click();
      return now === 'in';
    },
    withinMs,
  );
}

export const hears = (page: Page, hz: number, withinMs = 15_000): Promise<void> =>
  until(`${hz} Hz is heard`, () => toneHeard(page, hz).catch(() => false), withinMs);

export const bothHear = async ({ caller, desk }: Pair, withinMs?: number): Promise<void> => {
  await Promise.all([hears(caller.page, tones.peer, withinMs), hears(desk.page, tones.caller, withinMs)]);
};

/** The desk's screen locks, as after a long time without a sign of the peer. @returns the answer's status */
export const lockNow = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/auth/staff/lock', { method: 'POST', headers, body: '{}' })).status;
  });

/** Pictures come in at this page: frames are decoded, and more of them a moment later. */
export async function seesFrames(page: Page): Promise<void> {
  let before = 0;
  await until('frames come', async () => {
    const { framesDecoded } = await mediaFigures(page);
    const more = before > 0 && framesDecoded > before;
    before = framesDecoded;
    return more;
  });
}

/** The caller ends the talk; nothing on either page has broken, and the peer takes nobody else. */
export async function endOf({ caller, desk }: Pair): Promise<void> {
  await caller.page.getByRole('button', { name: 'End', exact: true }).click();
  await caller.page.getByRole('button', { name: 'Yes, end it' }).click();
  await caller.page.getByText('nobody else is here').first().waitFor();
  await desk.page.getByRole('radio', { name: 'Break' }).check(); // the next test is another peer's
  await part(caller, desk);
}
