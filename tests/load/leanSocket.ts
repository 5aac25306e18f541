import { randomBytes } from 'node:crypto';
import net from 'node:net';
import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';
import { readFrames, textFrame } from './frames.ts';

export type Answer = { ok: true; value: unknown } | { ok: false; refusal: { code: string } };
export type Listener = (name: string, payload: unknown) => void;

export type LeanSocket = {
  /** Sends an event; `ack` hears the answer, or a refusal `network.lost` when the socket closes before. */
  emit(name: string, payload: unknown, ack: (answer: Answer) => void): void;
  /** Knocks at a door. @throws the code of a refusal. */
  call<N extends DoorName>(door: N, input: DoorInput<N>): Promise<DoorOutput<N>>;
  on(listener: Listener): () => void;
  readonly closed: Promise<void>;
  close(): void;
};

/** quietMs: as a page does, gives up a connection from which nothing came for so long. */
export type LeanAddress = {
  port: number;
  path: string;
  query: string;
  headers: Record<string, string>;
  quietMs?: number;
};

/**
 * A Socket.IO client (Engine.IO 4, WebSocket only) on a raw TCP socket, about a third of the cost of the full client:
 * generator and server share the cores, so what the generator takes is missing in the figure. Loopback only.
 */
export function leanSocket(address: LeanAddress): Promise<LeanSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<LeanSocket>();
  const tcp = net.connect({ host: '127.0.0.1', port: address.port, noDelay: true });
  const closed = Promise.withResolvers<void>();
  const quiet = address.quietMs ? setTimeout(() => tcp.destroy(), address.quietMs) : undefined;
  const acks = new Map<number, (answer: Answer) => void>();
  const listeners = new Set<Listener>();
  let next = 0;
  let rest: Buffer = Buffer.alloc(0);
  let upgraded = false;

  const client: LeanSocket = {
    emit(name, payload, ack) {
      if (tcp.destroyed) return ack({ ok: false, refusal: { code: 'network.lost' } });
      acks.set(next, ack);
      tcp.write(textFrame(`42${next++}${JSON.stringify([name, payload])}`));
    },
    call: <N extends DoorName>(door: N, input: DoorInput<N>) =>
      new Promise<DoorOutput<N>>((done, fail) =>
        client.emit(door, input, (answer) =>
          answer.ok ? done(answer.value as DoorOutput<N>) : fail(new Error(`${door}: ${answer.refusal.code}`)),
        ),
      ),
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    closed: closed.promise,
    close: () => void tcp.destroy(),
  };
  /** Engine.IO packet types in the first digit, Socket.IO's in the second. */
  function onText(text: string): void {
    if (text === '2') return void tcp.write(textFrame('3'));
    if (text.startsWith('0')) return void tcp.write(textFrame('40'));
    if (text.startsWith('40')) return resolve(client);
    const body = text.indexOf('[');
    if (text.startsWith('42')) {
      const [name, payload] = JSON.parse(text.slice(body)) as [string, unknown];
      for (const listener of listeners) listener(name, payload);
    } else if (text.startsWith('43')) {
      const id = Number(text.slice(2, body));
      const [answer] = JSON.parse(text.slice(body)) as [Answer];
      acks.get(id)?.(answer);
      acks.delete(id);
    } else if (text.startsWith('44')) reject(new Error(text));
  }
  tcp.on('connect', () => tcp.write(upgradeRequest(address)));
  tcp.on('data', (chunk: Buffer) => {
    quiet?.refresh();
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    if (!upgraded) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [status = ''] = rest.subarray(0, end).toString().split('\r\n');
      if (!status.startsWith('HTTP/1.1 101')) return reject(new Error(status));
      upgraded = true;
      rest = rest.subarray(end + 4);
    }
    rest = readFrames(rest, onText, () => tcp.end());
  });
  tcp.on('error', reject);
  tcp.on('close', () => {
    clearTimeout(quiet);
    closed.resolve();
    reject(new Error('closed'));
    for (const ack of acks.values()) ack({ ok: false, refusal: { code: 'network.lost' } });
    acks.clear();
  });
  return promise;
}

function upgradeRequest({ port, path, query, headers }: LeanAddress): string {
  const all = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path}/?EIO=4&transport=websocket${query} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
