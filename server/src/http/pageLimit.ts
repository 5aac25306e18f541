import { refusals } from '@hearthline/shared/contracts/refusals';
import type { NextFunction, Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { bucket } from '../doors/limits.ts';
import { networkOf } from './cookies.ts';
import { refuseWith } from './refuse.ts';

const againSeconds = 10;
const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/**
 * A page costs some ms to make, so that a single sender could take all there are. Above the limit of a network comes a
 * page that costs next to nothing, has the numbers to call on it, and asks again by itself: many people can share one network.
 */
export function pageLimit(deps: Pick<Deps, 'config' | 'lines'>, networkKey: Buffer) {
  const pages = bucket(deps.config.limits.pagesPerNetwork10S, 10_000);
  return (req: Request, res: Response, next: NextFunction): void => {
    if (req.path.startsWith('/_app/')) return next(); // files, which are only read
    if (pages.take(networkOf(req, deps.config, networkKey))) return next();
    res.set({ 'Retry-After': String(againSeconds), 'Cache-Control': 'no-store' });
    if (req.baseUrl.startsWith('/api') || req.path.startsWith('/api')) return refuseWith(res, 'rate.slowDown');
    const contacts = deps.lines.first()?.config.crisis.flatMap((c) => c.contacts) ?? [];
    const numbers = contacts.map((c) => `<li><a href="${escaped(c.href)}">${escaped(c.label)}</a></li>`).join('');
    res
      .status(429)
      .set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
      .type('html')
      .send(
        `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="${againSeconds}"><title>One moment</title>
<h1>One moment</h1><p>${refusals['rate.slowDown'].message}</p><ul>${numbers}</ul></html>`,
      );
  };
}
