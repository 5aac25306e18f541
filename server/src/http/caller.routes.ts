import { GiveConsent, UseReturnCode } from '@hearthline/shared/contracts/callerSession';
import type { CookieToSet, PageServices } from '@hearthline/shared/contracts/pageServices';
import type { Request, Response, Router } from 'express';
import express from 'express';
import { callerOf, exitSession } from '../commands/callers/callerSession.ts';
import type { Deps } from '../deps.ts';
import type { Live } from '../realtime/live.ts';
import { callerCookieName, readCookie } from './cookies.ts';
import { refuseWith } from './refuse.ts';

const services = (req: Request): PageServices => (req as Request & { pageServices: PageServices }).pageServices;

/**
 * How a caller's session begins and ends. The first two are those of the forms, for clients in any language; the beacons of
 * a page that goes away carry nothing but the cookie and are answered the same whoever sends them.
 */
export function callerRoutes(deps: Deps, live: Live): Router {
  const router = express.Router();
  const json = express.json({ limit: '4kb', type: 'application/json' });
  const done = (res: Response, cookie: CookieToSet | null) => {
    if (cookie) res.cookie(cookie.name, cookie.value, cookie.options);
    res.json({ ok: true, value: { done: true } });
  };
  router.post('/consent', json, async (req, res) => {
    const input = GiveConsent.safeParse(req.body);
    if (!input.success) return refuseWith(res, 'input.malformed');
    const given = await services(req).giveConsent(input.data);
    return given.ok ? done(res, given.cookie) : refuseWith(res, given.code);
  });
  router.post('/return', json, async (req, res) => {
    const input = UseReturnCode.safeParse(req.body);
    if (!input.success) return refuseWith(res, 'input.malformed');
    const redeemed = await services(req).redeemCode(input.data.code);
    return redeemed.ok ? done(res, redeemed.cookie) : refuseWith(res, redeemed.code);
  });
  router.post('/exit', async (req, res) => {
    const token = readCookie(req, callerCookieName(deps.config));
    const actor = token ? await callerOf(deps, token) : null;
    if (token && actor) await exitSession(deps, actor, token);
    res.clearCookie(callerCookieName(deps.config), {
      path: '/',
      httpOnly: true,
      secure: deps.config.origin !== null,
      sameSite: 'strict',
    });
    res.set('Clear-Site-Data', '"cache", "storage"').status(204).end();
  });
  router.post('/away', async (req, res) => {
    const token = readCookie(req, callerCookieName(deps.config));
    const actor = token ? await callerOf(deps, token) : null;
    if (actor) live.presence.left(actor, true);
    res.status(204).end();
  });
  return router;
}
