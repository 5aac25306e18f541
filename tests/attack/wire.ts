import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import { readFrames, textFrame } from '../load/frames.ts';
import type { Answer, Knocker } from './target.ts';

/** A WebSocket with nothing in between: whatever bytes are written are what the server reads. */
export type Wire = {
  tcp: net.Socket;
  /** Of the handshake; 101 is a WebSocket, 0 a connection that was closed without an answer. */
  status: number;
  /** What came instead of a WebSocket, head and body. */
  answer: string;
  /** Every text that came, Engine.IO's first digit included. */
  heard: string[];
  write(bytes: Buffer): void;
  text(text: string): void;
  /** The next text that this takes, those that came before included. */
  waitFor(what: string, takes: (text: string) => boolean, ms?: number): Promise<string>;
  closed: Promise<void>;
  isClosed(): boolean;
};

export type WireOptions = {
  url: string;
  cookie?: string;
  origin?: string | null;
  query?: string;
  method?: string;
  headers?: Record<string, string>;
};

export const liveQuery = (as: string, more = ''): string =>
  `EIO=4&transport=websocket&as=${as}&v=${protocolVersion}&tab=${randomBytes(6).toString('hex')}${more}`;

/** Does the handshake and nothing else. */
export function openWire(options: WireOptions): Promise<Wire> {
  const { hostname, port, host } = new URL(options.url);
  const tcp = net.connect({ host: hostname, port: Number(port), noDelay: true });
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<Wire>();
  const listeners = new Set<() => void>();
  let isClosed = false;
  let rest: Buffer = Buffer.alloc(0);
  const wire: Wire = {
    tcp,
    status: 0,
    answer: '',
    heard: [],
    write: (bytes) => void tcp.write(bytes),
    text: (text) => void tcp.write(textFrame(text)),
    closed,
    isClosed: () => isClosed,
    async waitFor(what, takes, ms = 8000) {
      const found = Promise.withResolvers<string>();
      const look = () => {
        const text = wire.heard.find(takes);
        if (text !== undefined) found.resolve(text);
        else if (isClosed) found.reject(new Error(`closed before ${what}: ${wire.heard.join(' ').slice(0, 500)}`));
      };
      const timer = setTimeout(() => found.reject(new Error(`never heard: ${what}`)), ms);
      listeners.add(look);
      look();
      return found.promise.finally(() => {
        clearTimeout(timer);
        listeners.delete(look);
      });
    },
  };
  const told = () => {
    for (const listener of listeners) listener();
  };
  tcp.on('connect', () => tcp.write(handshake(options, host)));
  tcp.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    if (wire.status !== 101) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      wire.status = Number(rest.subarray(9, 12).toString());
      if (wire.status !== 101) wire.answer = rest.toString();
      opened.resolve(wire);
      if (wire.status !== 101) return;
      rest = rest.subarray(end + 4);
    }
    rest = readFrames(
      rest,
      (text) => {
        wire.heard.push(text);
        if (text === '2') wire.text('3');
        told();
      },
      () => tcp.end(),
    );
  });
  tcp.on('error', () => {});
  tcp.on('close', () => {
    isClosed = true;
    opened.resolve(wire);
    close();
    told();
  });
  return opened.promise;
}

/** Begins a handshake and resets the connection so many milliseconds later. */
export function resetDuringHandshake(options: WireOptions, afterMs: number): Promise<void> {
  const { hostname, port, host } = new URL(options.url);
  const tcp = net.connect({ host: hostname, port: Number(port), noDelay: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  tcp.on('connect', () => {
    tcp.write(handshake(options, host));
    setTimeout(() => tcp.resetAndDestroy(), afterMs);
  });
  tcp.on('error', () => {});
  tcp.on('close', () => resolve());
  return promise;
}

function handshake(o: WireOptions, host: string): string {
  const headers: Record<string, string> = {
    Host: host,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...(o.origin === null ? {} : { Origin: o.origin ?? o.url }),
    ...(o.cookie ? { Cookie: o.cookie } : {}),
    ...o.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${o.method ?? 'GET'} ${socketPath}/?${o.query ?? liveQuery('caller')} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** The handshake of our own pages, as this person, up to Socket.IO's own connect. */
export async function openSocket(by: Knocker, url = by.visitor.url): Promise<Wire> {
  const wire = await openWire({ url, cookie: by.visitor.cookie(), query: liveQuery(by.as) });
  if (wire.status !== 101) throw new Error(`the handshake was answered ${wire.status}`);
  wire.text('40');
  await wire.waitFor('the connect', (text) => text.startsWith('40'));
  return wire;
}

let acks = 0;
/** Sends an event with JSON that may be none, and waits for its answer. */
export async function ask(wire: Wire, name: string, json: string): Promise<Answer> {
  const id = ++acks;
  wire.text(`42${id}[${JSON.stringify(name)},${json}]`);
  const text = await wire.waitFor(`the answer of ${name}`, (t) => t.startsWith(`43${id}[`));
  return (JSON.parse(text.slice(`43${id}`.length)) as [Answer])[0];
}

/** A frame of any kind. `first`: FIN and opcode, as they go over the wire. */
export function frame(first: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload as string);
  const mask = Buffer.from([1, 2, 3, 4]);
  const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10);
  head[0] = first;
  if (head.length === 2) head[1] = 0x80 | bytes.length;
  else if (head.length === 4) {
    head[1] = 0xfe;
    head.writeUInt16BE(bytes.length, 2);
  } else {
    head[1] = 0xff;
    head.writeBigUInt64BE(BigInt(bytes.length), 2);
  }
  return Buffer.concat([head, mask, bytes.map((byte, i) => byte ^ (mask[i & 3] ?? 0))]);
}
