import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { startTestLivekit, type TestLivekit } from '../support/livekit.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { openCallBrowser } from './calling.ts';

/** For one `describe`: a real media server, a line that uses it and a browser with made-up devices. Two peers, so two talks. */
export function callStack() {
  let there: { livekit: TestLivekit; stack: Stack; browser: Browser };
  beforeAll(async () => {
    const livekit = await startTestLivekit();
    const stack = await startStack({ seed: true, env: { ...raisedLimits, ...livekit.env } });
    there = { livekit, stack, browser: await openCallBrowser() };
  });
  afterAll(async () => {
    await there?.browser.close();
    await there?.stack.stop();
    await there?.livekit.stop();
  });
  return { livekit: () => there.livekit, stack: () => there.stack, browser: () => there.browser };
}
