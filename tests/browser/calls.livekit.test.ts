import { describe, expect } from 'vitest';
import { callJourneys } from './callJourney.ts';
import { callStack } from './callStack.ts';
import { chromePath } from './people.ts';
import { mediaFigures } from './peerConnections.ts';

describe.skipIf(!chromePath)('calls through a real LiveKit server', () => {
  const { stack, browser, livekit } = callStack();
  callJourneys({
    stack,
    browser,
    name: 'livekit',
    // [S26] the only other end that either browser knows is the server's
    addresses: async ({ caller, desk }) => {
      const [a, b] = await Promise.all([mediaFigures(caller.page), mediaFigures(desk.page)]);
      const servers = [`127.0.0.1:${livekit().udp}`, `127.0.0.1:${livekit().tcp}`];
      for (const f of [a, b]) {
        expect(f.iceServers).toEqual([]); // [S24] though the server names one
        expect(f.remoteAddresses.length).toBeGreaterThan(0);
        expect(f.remoteAddresses.filter((at) => !servers.includes(at))).toEqual([]);
      }
    },
  });
});
