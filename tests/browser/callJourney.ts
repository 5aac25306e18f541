import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';
import { until } from '../support/line.ts';
import type { Stack } from '../support/services.ts';
import { agreeOn, bothHear, endOf, inChat, joinWhereAsked, seesFrames, type Pair } from './calling.ts';
import { bubbles, cutNetwork, refusedCall, say, shoot } from './people.ts';
import { mediaFigures } from './peerConnections.ts';

export type Given = {
  stack: () => Stack;
  browser: () => Browser;
  name: string;
  /** Checks what each side knows of the other's addresses. */
  addresses: (pair: Pair) => Promise<void>;
};

/** What must hold whatever carries the calls. */
export function callJourneys({ stack, browser, name, addresses }: Given): void {
  const expected = [cutNetwork, refusedCall];

  test('[C3][S18] chat → voice → video → chat: heard, seen, and written beside, without queueing again', async () => {
    const pair = await inChat(browser(), stack(), 'Maya', { expected });
    const [caller, desk] = [pair.caller.page, pair.desk.page];
    await say(caller, 'may we talk instead?');
    await agreeOn(caller, desk, 'Talk instead', 'Yes, talk');
    await Promise.all([joinWhereAsked(caller), joinWhereAsked(desk)]);
    await bothHear(pair);
    await shoot(caller, `call-voice-${name}-320-light`);
    await shoot(desk, `call-voice-${name}-desk-1280-light`);
    const voice = await Promise.all([mediaFigures(caller), mediaFigures(desk)]);
    for (const f of voice) {
      expect(f.audioBytesIn).toBeGreaterThan(1000);
      expect(f.audioBytesOut).toBeGreaterThan(1000);
      expect(f.videoBytesIn).toBe(0); // no camera before both have agreed
    }
    await addresses(pair);
    await say(desk, 'I hear you well');
    await until('the words come beside the call', async () => (await bubbles(caller)).includes('I hear you well'));

    await agreeOn(desk, caller, 'Ask for picture', 'Yes, with picture');
    await caller.getByText('Your camera is off').waitFor();
    expect((await mediaFigures(desk)).videoBytesIn).toBe(0); // agreed, and still off
    await caller.getByRole('button', { name: 'Camera off' }).click();
    await seesFrames(desk);
    await desk.getByRole('button', { name: 'Camera off' }).click();
    await seesFrames(caller);
    await shoot(caller, `call-video-${name}-320-light`);
    await shoot(desk, `call-video-${name}-desk-1280-light`);
    await desk.getByRole('button', { name: 'Hide pictures' }).click();
    await until('the picture is hidden', async () => (await desk.locator('.arch video').count()) === 0);

    await caller.getByRole('button', { name: /^Hang up/ }).click();
    await until('no connection is left', async () => {
      const [a, b] = await Promise.all([mediaFigures(caller), mediaFigures(desk)]);
      return a.connections === 0 && b.connections === 0;
    });
    await say(caller, 'thank you for listening');
    await until('the words come', async () => (await bubbles(desk)).includes('thank you for listening'));
    await endOf(pair);
  });

  test('[C7] a page that is loaded again in a call is in it again; muted is not heard', async () => {
    const pair = await inChat(browser(), stack(), 'Idris', { expected });
    const [caller, desk] = [pair.caller.page, pair.desk.page];
    await agreeOn(desk, caller, 'Talk instead', 'Yes, talk');
    await Promise.all([joinWhereAsked(caller), joinWhereAsked(desk)]);
    await bothHear(pair);
    await desk.reload();
    await joinWhereAsked(desk);
    await bothHear(pair);
    await caller.reload();
    await joinWhereAsked(caller);
    await bothHear(pair);
    await caller.getByRole('button', { name: 'Mic on' }).click();
    await desk.getByText('Sparrow has the microphone off').waitFor();
    await endOf(pair);
  });
}
