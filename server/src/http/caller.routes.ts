import type { Router } from 'express';
import express from 'express';
import { callerOf, exitSession } from '../commands/callers/callerSession.ts';
import type { Deps } from '../deps.ts';
import type { Live } from '../realtime/live.ts';
import { callerCookieName, readCookie } from './cookies.ts';

/** Beacons of a page that goes away. They carry nothing but the cookie and are answered the same whoever sends them. */
export function callerRoutes(deps: Deps, live: Live): Router {
  const router = express.Router();
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
