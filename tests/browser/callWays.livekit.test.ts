import type { Browser } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, afterAll, describe, expect, test } from 'vitest';
import { startTestLivekit, type TestLivekit } from '../support/livekit.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { agreeOn, bothHear, endOf, inChat, joinWhereAsked, openCallBrowser } from './calling.ts';
import { chromePath, cutNetwork, refusedCall } from './people.ts';
import { mediaFigures } from './peerConnections.ts';

const expected = [cutNetwork, refusedCall];
let livekit: TestLivekit;
let stack: Stack;
let browser: Browser;
async function start(more: Parameters<typeof startTestLivekit>[0] = {}): Promise<void> {
  livekit = await startTestLivekit(more);
  stack = await startStack({ seed: true, env: { ...raisedLimits, ...livekit.env } });
}

describe.skipIf(!chromePath)('ways to the media server', () => {
  beforeAll(async () => {
    browser = await openCallBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await stack?.stop();
    await livekit?.stop();
  });

  test('[F33] where the server has no UDP to offer, sound goes over TCP', async () => {
    await start({ tcpOnly: true });
    const pair = await inChat(browser, stack, 'Maya', { expected });
    await agreeOn(pair.caller.page, pair.desk.page, 'Talk instead', 'Yes, talk');
    await Promise.all([joinWhereAsked(pair.caller.page), joinWhereAsked(pair.desk.page)]);
    await bothHear(pair);
    const { remoteAddresses } = await mediaFigures(pair.caller.page);
    expect(remoteAddresses).toEqual([`127.0.0.1:${livekit.tcp}`]);
    await endOf(pair);
  });

  describe('a token', () => {
    beforeEach(() => start());
    test('[F32] that is refused is followed by another one, and nobody sees a code', async () => {
      const pair = await inChat(browser, stack, 'Maya', { expected });
      const { caller, desk } = pair;
      let refused = 0;
      // the first try of the caller's browser answers as the media server does for a token that has run out
      await caller.context.routeWebSocket(/\/calls\/rtc/, (socket) => {
        if (refused++ > 0) return void socket.connectToServer();
        void socket.close({ code: 1008 });
      });
      await caller.context.route(/\/calls\/rtc.*validate/, (route) =>
        refused > 1 ? route.continue() : route.fulfill({ status: 401, body: 'invalid token: token is expired' }),
      );
      await agreeOn(desk.page, caller.page, 'Talk instead', 'Yes, talk');
      await Promise.all([joinWhereAsked(caller.page), joinWhereAsked(desk.page)]);
      await bothHear(pair);
      expect(refused).toBeGreaterThan(1);
      expect(await caller.page.locator('body').innerText()).not.toMatch(/token|401|error/i);
      await endOf(pair);
    });
  });
});
