import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Deps } from '@hearthline/server/deps';
import type { Browser, Page } from 'playwright-core';
import { ready, tones, withDevices } from '../../browser/calling.ts';
import { ROOT } from '../../support/services.ts';
import type { Ending } from '../ending.ts';
import { firstSound } from './firstSound.ts';

type LivekitClient = { Room: new () => Room };
type Room = {
  on(event: 'trackSubscribed', heard: (track: { attach(): unknown }) => void): void;
  connect(url: string, token: string): Promise<void>;
  localParticipant: { setMicrophoneEnabled(on: boolean): Promise<void> };
  disconnect(): Promise<void>;
};

/** Two pages with nothing but LiveKit's client, loaded beforehand, on the same server. @returns one join of both, in milliseconds */
export async function bareJoins(
  browser: Browser,
  media: Deps['media'],
  url: string,
  ending: Ending,
): Promise<() => Promise<number>> {
  const script = readFileSync(join(ROOT, 'web/node_modules/livekit-client/dist/livekit-client.umd.js'));
  const server = createServer((req, res) => {
    res.setHeader('content-type', req.url === '/client.js' ? 'text/javascript' : 'text/html');
    res.end(req.url === '/client.js' ? script : '<!doctype html><script src="/client.js"></script>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ending.add(() => new Promise<void>((done) => server.close(() => done())));
  const pages: Page[] = [];
  for (const hz of [tones.caller, tones.peer]) {
    const context = await browser.newContext(withDevices);
    const page = await context.newPage();
    await ready({ context }, hz);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    pages.push(page);
  }
  return async () => {
    const room = { name: randomUUID(), sid: null };
    await media.openRoom(room);
    const seats = await Promise.all(
      pages.map(async () => {
        const id = randomUUID();
        const seated = { generation: 1, epoch: 1, encrypted: false };
        const seat = await media.seat(room, seated, { id, identity: `${id}.1`, others: [] });
        return seat.engine === 'livekit' ? seat.token : '';
      }),
    );
    const from = Date.now();
    const heard = await Promise.all(
      pages.map(async (page, i) => {
        await page.evaluate(
          async ([to, token]) => {
            const { LivekitClient: client } = window as unknown as { LivekitClient: LivekitClient };
            const joined = new client.Room();
            (window as unknown as { joined: Room }).joined = joined;
            joined.on('trackSubscribed', (track) => track.attach()); // what is not played is not decoded
            await joined.connect(to ?? '', token ?? '');
            await joined.localParticipant.setMicrophoneEnabled(true);
          },
          [url.replace(/^http/, 'ws'), seats[i]],
        );
        return firstSound(page);
      }),
    );
    await Promise.all(
      pages.map((page) => page.evaluate(() => (window as unknown as { joined: Room }).joined.disconnect())),
    );
    return Math.max(...heard) - from;
  };
}
