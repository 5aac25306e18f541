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
  name: callerCookieName(config), value: token, options: { path: '/', httpOnly: true, secure: config.origin !== null, sameSite: 'strict' },
});

export const ownOrigins = (config: Config): string[] => (config.origin ? [config.origin] : [`http://localhost:${config.port}`, `http://127.0.0.1:${config.port}`]);

/** Unsafe calls come from our own pages only: the Origin when it is told, else what the browser says of the site. */
export function fromOwnPage(req: IncomingMessage, config: Config): boolean {
  const { origin } = req.headers;
  if (origin !== undefined) return ownOrigins(config).includes(origin);
  const site = req.headers['sec-fetch-site'];
  return site === 'same-origin' || site === 'none';
}

/** A keyed hash of the address prefix (/24, /56) under a key of this process: it joins to nothing stored (I24). */
export function networkOf(address: string | undefined, key: Buffer): string {
  const a = (address ?? '').replace(/^::ffff:/, '');
  const prefix = a.includes(':') ? a.split(':').slice(0, 4).join(':') : a.split('.').slice(0, 3).join('.');
  return createHmac('sha256', key).update(prefix).digest('base64url').slice(0, 22);
}
