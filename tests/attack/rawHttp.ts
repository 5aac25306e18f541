import net from 'node:net';

export type Raw = {
  /** Of the first answer; 0 when the connection was closed without one. */
  status: number;
  /** All answers of the connection, heads and bodies. */
  text: string;
  /** How often something was answered. */
  answers: number;
  closed: boolean;
  ms: number;
};

/**
 * Sends these bytes as they are and waits until the server closes, or has been silent for `quietMs` after an answer.
 * `drip` goes on sending as long as the connection lives: one piece every so often, or as fast as the server reads.
 */
export function raw(
  url: string,
  bytes: string | Buffer,
  {
    quietMs = 150,
    mostMs = 5000,
    drip,
  }: { quietMs?: number; mostMs?: number; drip?: { piece: string; everyMs: number } } = {},
): Promise<Raw> {
  const { hostname, port } = new URL(url);
  const began = performance.now();
  const { promise, resolve } = Promise.withResolvers<Raw>();
  const tcp = net.connect({ host: hostname, port: Number(port), noDelay: true });
  const chunks: Buffer[] = [];
  let closed = false;
  let quiet: NodeJS.Timeout | undefined;
  const finish = () => {
    clearTimeout(quiet);
    clearTimeout(most);
    clearInterval(dripping);
    tcp.destroy();
    const text = Buffer.concat(chunks).toString('latin1');
    const heads = text.match(/HTTP\/1\.1 \d{3} /g) ?? [];
    const status = Number(heads[0]?.slice(9, 12) ?? 0);
    resolve({ status, text, answers: heads.length, closed, ms: performance.now() - began });
  };
  const most = setTimeout(finish, mostMs);
  let dripping: NodeJS.Timeout | undefined;
  tcp.on('connect', () => {
    tcp.write(bytes);
    if (drip) dripping = setInterval(() => tcp.writableNeedDrain || tcp.write(drip.piece), drip.everyMs);
  });
  tcp.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    clearTimeout(quiet);
    if (!drip) quiet = setTimeout(finish, quietMs);
  });
  tcp.on('error', () => {});
  tcp.on('close', () => {
    closed = true;
    finish();
  });
  return promise;
}

/** A request as text. A header given as null is left out, one given as a list is sent so often. */
export function request(
  url: string,
  method: string,
  path: string,
  {
    headers = {},
    body = '',
    version = '1.1',
  }: { headers?: Record<string, string | string[] | null>; body?: string; version?: string } = {},
): string {
  const all: Record<string, string | string[] | null> = {
    Host: new URL(url).host,
    ...(method === 'GET'
      ? {}
      : { Origin: url, 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    [value].flat().flatMap((v) => (v === null ? [] : [`${name}: ${v}\r\n`])),
  );
  return `${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n${body}`;
}
