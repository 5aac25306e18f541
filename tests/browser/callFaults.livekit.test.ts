import { describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { callStack } from './callStack.ts';
import { agreeOn, bothHear, endOf, hears, inChat, joinWhereAsked, tones, type Pair } from './calling.ts';
import { bubbles, chromePath, cutNetwork, refusedCall, say, shoot } from './people.ts';
import { mediaFigures } from './peerConnections.ts';

/** What a browser writes while the media server or ours is away. */
const away = /Failed to load resource: the server responded with a status of 50\d/;
const expected = [cutNetwork, refusedCall, away];
type Given = ReturnType<typeof callStack>;
async function inCall({ browser, stack }: Given, peer: 'Maya' | 'Idris' = 'Maya'): Promise<Pair> {
  const pair = await inChat(browser(), stack(), peer, { expected });
  await agreeOn(pair.desk.page, pair.caller.page, 'Talk instead', 'Yes, talk');
  await Promise.all([joinWhereAsked(pair.caller.page), joinWhereAsked(pair.desk.page)]);
  await bothHear(pair);
  return pair;
}
const stageOf = (page: Pair['caller']['page']) => page.locator('[data-stage]').getAttribute('data-stage');

describe.skipIf(!chromePath)('calls when things break', () => {
  const given = callStack();

  test('[F30] the media server dies: text is offered within 5 s and goes on, and both talk again by themselves', async () => {
    const pair = await inCall(given);
    const { caller, desk } = pair;
    const died = performance.now();
    await given.livekit().kill();
    await caller.page.getByRole('button', { name: 'Go on by text' }).waitFor();
    expect(performance.now() - died).toBeLessThan(5000);
    await shoot(caller.page, 'call-dropped-320-light');
    await say(caller.page, 'are you there?');
    await until('the words come meanwhile', async () => (await bubbles(desk.page)).includes('are you there?'));
    await given.livekit().restart();
    const back = performance.now();
    await bothHear(pair, 20_000);
    const seconds = (performance.now() - back) / 1000;
    console.log(`[F30] both heard each other ${seconds.toFixed(1)} s after the media server was back`);
    expect(seconds).toBeLessThan(10 + 2); // hearing itself is looked for in steps of up to a second
    await endOf(pair);
  });

  test('[F36] a server of ours restarts in a call: the sound never stops', async () => {
    const pair = await inCall(given, 'Idris');
    const { caller, desk } = pair;
    const before = await mediaFigures(caller.page);
    await given.stack().restart('server1');
    await until('both pages are back', async () =>
      (await Promise.all([caller.page, desk.page].map((p) => p.locator('body').innerText()))).every(
        (text) => !text.includes('The connection dropped'),
      ),
    );
    const after = await mediaFigures(caller.page);
    expect(after.connections).toBe(before.connections); // the same ones
    expect(after.audioBytesIn).toBeGreaterThan(before.audioBytesIn);
    await bothHear(pair);
    await say(desk.page, 'still here');
    await until('words go on', async () => (await bubbles(caller.page)).includes('still here'));
    await endOf(pair);
  });
});

describe.skipIf(!chromePath)('calls on devices that are not as they should be', () => {
  const given = callStack();

  test.each([
    ['NotAllowedError', 'Maya', 'Your browser keeps the microphone closed.'],
    ['NotFoundError', 'Idris', 'There is no microphone on this device.'],
  ] as const)('[F34] the microphone answers %s: clear help, the talk goes on in text', async (error, peer, words) => {
    const pair = await inChat(given.browser(), given.stack(), peer, { expected });
    const { caller, desk } = pair;
    await caller.page.evaluate((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
    }, error);
    await agreeOn(desk.page, caller.page, 'Talk instead', 'Yes, talk');
    await caller.page.getByText(words).waitFor();
    await shoot(caller.page, `call-${error}-320-light`);
    await caller.page.getByRole('button', { name: 'Go on by text' }).click();
    await say(caller.page, 'I can only write');
    await until('the words come', async () => (await bubbles(desk.page)).includes('I can only write'));
    await endOf(pair);
  });
});

describe.skipIf(!chromePath)('calls from pages that change', () => {
  const given = callStack();

  test('a microphone that is pulled out: the next one is taken, or it is said', async () => {
    const pair = await inCall(given);
    const { caller } = pair;
    await caller.page.evaluate(() => {
      const senders = (window.peerConnectionsOfTest?.connections ?? []).flatMap((c) => c.getSenders());
      const track = senders.map((s) => s.track).find((t) => t?.kind === 'audio');
      track?.stop();
      track?.dispatchEvent(new Event('ended')); // as the browser does when the device is gone
    });
    await hears(pair.desk.page, tones.caller);
    expect(await stageOf(caller.page)).toBe('in');
    await endOf(pair);
  });

  test('[F27] a second tab of the same caller: one of them is in the call, and the talk goes on there', async () => {
    const pair = await inCall(given, 'Idris');
    const { caller, desk } = pair;
    const second = await caller.context.newPage();
    await second.goto(`${given.stack().url}/talk`);
    await second.getByRole('button', { name: /here/i }).click();
    await joinWhereAsked(second);
    await hears(second, tones.peer);
    await hears(desk.page, tones.caller);
    expect(await caller.page.locator('[data-stage="in"]').count()).toBe(0);
    await endOf({ caller: { ...caller, page: second }, desk });
  });
});
