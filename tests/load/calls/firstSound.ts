import type { Page } from 'playwright-core';

/** @returns when sound was first heard on this page, as Date.now(): energy in what it has received, looked for each 10 ms. */
export const firstSound = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    type Row = { type: string; kind?: string; totalAudioEnergy?: number };
    const audible = 1e-5;
    for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((next) => setTimeout(next, 10)))
      for (const connection of window.peerConnectionsOfTest?.connections ?? []) {
        if (connection.connectionState !== 'connected') continue;
        const rows = [...(await connection.getStats()).values()] as Row[];
        if (rows.some((r) => r.type === 'inbound-rtp' && r.kind === 'audio' && (r.totalAudioEnergy ?? 0) > audible))
          return Date.now();
      }
    throw new Error('no sound within 20 s');
  });
