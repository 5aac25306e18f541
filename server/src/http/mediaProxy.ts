import { request as plain, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import { request as secure } from 'node:https';
import type { Duplex } from 'node:stream';
import type { RequestHandler } from 'express';
import { TokenVerifier } from 'livekit-server-sdk';
import type { Deps } from '../deps.ts';
import { socketPath } from '@hearthline/shared/contracts/socketEvents';
import { signalPath } from '../media/livekit.ts';
import { fromOwnPage } from './cookies.ts';
import { refuseWith } from './refuse.ts';

const answersWithinMs = 5000;
/** What a page of ours tells the media server, and nothing else of it: no room is made or listed from outside. */
const signalling = /^\/rtc(?:\/v1)?(?:\/validate)?$/;

type MediaDeps = Pick<Deps, 'config' | 'log'>;

/**
 * The media server's signalling, through our own port: one origin, one certificate, and pages that may connect to no other
 * place (CSP). The media server judges the token; what is not signalling of one of our pages, or has no token that we or it
 * have signed, never reaches it.
 */
export function proxyMediaSockets(
  http: Server,
  { config }: MediaDeps,
  mayTry: (req: IncomingMessage) => boolean,
): void {
  const { livekit } = config.media;
  const tokens = livekit && new TokenVerifier(livekit.key, livekit.secret);
  http.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    const asked = pathOf(req.url);
    if (asked?.pathname.startsWith(`${socketPath}/`)) return;
    const target = targetOf(config, asked);
    if (!target || !tokens || !fromOwnPage(req, config) || !mayTry(req)) return void socket.destroy();
    tokens.verify(asked?.searchParams.get('access_token') ?? '').then(
      () => join(target.ask({ ...pass(req), connection: 'Upgrade', upgrade: 'websocket' }), socket, head),
      () => refuseUpgrade(socket, 401),
    );
  });
}

const refuseUpgrade = (socket: Duplex, status: number): void =>
  void socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);

/** Passes on between a page and the media server what each says, until one of them goes. */
function join(up: ClientRequest, socket: Duplex, head: Buffer): void {
  const give = () => {
    up.destroy();
    socket.destroy();
  };
  up.setTimeout(answersWithinMs, () => up.destroy(new Error('no answer')));
  up.on('error', () => refuseUpgrade(socket, 502));
  socket.on('error', give);
  socket.on('close', () => up.destroy());
  up.on('response', (answer) => {
    refuseUpgrade(socket, answer.statusCode ?? 502);
    answer.resume();
  });
  up.on('upgrade', (answer, theirs: Duplex, theirHead: Buffer) => {
    up.setTimeout(0);
    const lines = Object.entries(answer.headers).flatMap(([name, value]) =>
      [value].flat().map((one) => `${name}: ${one ?? ''}`),
    );
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    if (theirHead.length > 0) socket.write(theirHead);
    if (head.length > 0) theirs.write(head);
    theirs.on('error', give);
    theirs.on('close', () => socket.destroy());
    socket.on('close', () => theirs.destroy());
    theirs.pipe(socket).pipe(theirs);
  });
  up.end();
}

/** Why a token was refused, asked by the client over HTTP after the socket was. */
export function proxyMediaAsks({ config }: MediaDeps): RequestHandler {
  return (req, res) => {
    const target = req.method === 'GET' ? targetOf(config, pathOf(req.originalUrl)) : null;
    if (!target || !fromOwnPage(req, config)) return refuseWith(res, 'door.unknown');
    const up = target.ask(pass(req));
    up.setTimeout(answersWithinMs, () => up.destroy());
    up.on('error', () => (res.headersSent ? res.destroy() : refuseWith(res, 'media.down')));
    up.on('response', (answer) => {
      res.status(answer.statusCode ?? 502).type('text/plain');
      answer.pipe(res);
    });
    up.end();
  };
}

/** Headers that say how to talk, and none that say who: no cookie, no address. */
function pass({ headers }: IncomingMessage): Record<string, string> {
  const names = Object.keys(headers).filter((name) => name.startsWith('sec-websocket-'));
  return Object.fromEntries(names.map((name) => [name, String(headers[name])]));
}

/** @returns null for what is no path: anybody can send that. */
const pathOf = (url: string | undefined): URL | null => URL.parse(url ?? '', 'http://x');

function targetOf({ media: { livekit } }: MediaDeps['config'], asked: URL | null) {
  const path = asked?.pathname.startsWith(signalPath) ? asked.pathname.slice(signalPath.length) : '';
  if (!asked || !livekit || !signalling.test(path)) return null;
  const address = new URL(path.slice(1) + asked.search, livekit.url.endsWith('/') ? livekit.url : `${livekit.url}/`);
  const request = address.protocol === 'https:' ? secure : plain;
  return { ask: (headers: Record<string, string>) => request(address, { headers }) };
}
