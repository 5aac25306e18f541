import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the provider does with a page. deaf: it says yes, and nobody hears of it. */
export const moods = ['delivers', 'refuses', 'hangs', 'deaf'] as const;
export type Mood = (typeof moods)[number];
/** A page that was handed over: under which key, for which number, when by the wall clock. */
export type Handed = { key: string; to: string; at: number; mood: Mood };
export type Gateway = Awaited<ReturnType<typeof startGateway>>;

/** A provider of messages that does as it is told, and keeps every key it was ever handed. */
export async function startGateway() {
  const handed: Handed[] = [];
  const waiting = new Set<ServerResponse>();
  const phones = new Map<string, () => void>();
  const gateway = {
    handed: handed as readonly Handed[],
    url: '',
    secret: 'a secret of the gateway',
    mood: (): Mood => 'delivers',
    /** Somebody has this number, and looks when it rings. */
    phone: (number: string, rings: () => void): void => void phones.set(number, rings),
    async stop(): Promise<void> {
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
    },
  };
  const http = createServer((req, res) => {
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => {
      const { to } = JSON.parse(Buffer.concat(pieces).toString()) as { to: string };
      const mood = gateway.mood();
      handed.push({ key: String(req.headers['idempotency-key']), to, at: Date.now(), mood });
      if (mood === 'delivers') phones.get(to)?.();
      if (mood === 'hangs') waiting.add(res.on('close', () => waiting.delete(res)));
      else res.writeHead(mood === 'refuses' ? 500 : 201, { 'content-type': 'application/json' }).end('{}');
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  gateway.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return gateway;
}
