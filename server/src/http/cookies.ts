import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { CookieToSet } from '@hearthline/shared/contracts/pageServices';
import type { Config } from '../config.ts';

/** `__Host-` wherever the page is reached over https (S6); loopback over http cannot have it. */
export const callerCookieName = (config: Config): string => (config.origin ? '__Host-hl_caller' : 'hl_caller');

export function readCookie(req: IncomingMessage, name: string): string | null {
  for (const part of (req.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim() || null;
  }
  return null;
}

/** A session cookie: no Expires, gone with the browser. */
export const callerCookie = (config: Config, token: string): CookieToSet => ({
  name: callerCookieName(config),
  value: token,
  options: { path: '/', httpOnly: true, secure: config.origin !== null, sameSite: 'strict' },
});

export const ownOrigins = (config: Config): string[] =>
  config.origin ? [config.origin] : [`http://localhost:${config.port}`, `http://127.0.0.1:${config.port}`];

/** Unsafe calls come from our own pages only: the Origin when it is told, else what the browser says of the site. */
export function fromOwnPage(req: IncomingMessage, config: Config): boolean {
  const { origin } = req.headers;
  if (origin !== undefined) return ownOrigins(config).includes(origin);
  const site = req.headers['sec-fetch-site'];
  return site === 'same-origin' || site === 'none';
}

/** A keyed hash of the address prefix (/24, /56) under a key of this process: it joins to nothing stored (I24). */
export function networkOf(req: IncomingMessage, config: Pick<Config, 'trustProxy'>, key: Buffer): string {
  const a = (addressOf(req, config) ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  const prefix = a.includes(':') ? prefix56(a) : a.split('.').slice(0, 3).join('.');
  return createHmac('sha256', key).update(prefix).digest('base64url').slice(0, 22);
}

/** The first 56 bits of an IPv6 address as hex, however it is written. */
function prefix56(address: string): string {
  const [head = '', tail = ''] = address.replace(/%.*$/, '').split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - groups(head).length - groups(tail).length)).fill('0');
  return [...groups(head), ...zeros, ...groups(tail)]
    .map((g) => g.padStart(4, '0'))
    .join('')
    .slice(0, 14);
}

/** Whose call it is: the last hop that our own proxy wrote down, or the connection itself. */
function addressOf(req: IncomingMessage, config: Pick<Config, 'trustProxy'>): string | undefined {
  const forwarded = config.trustProxy ? req.headers['x-forwarded-for'] : undefined;
  return [forwarded].flat().at(-1)?.split(',').at(-1)?.trim() || req.socket.remoteAddress;
}
