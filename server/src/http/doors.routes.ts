import type { Request, Router } from 'express';
import express from 'express';
import { doors, type DoorName } from '@hearthline/shared/contracts/doors';
import { signsOfPerson } from '@hearthline/shared/domain/staffActivity';
import type { RefusalCode } from '@hearthline/shared/contracts/refusals';
import { callerOf } from '../commands/callers/callerSession.ts';
import { knock } from '../doors/knock.ts';
import type { DoorDeps, Knock } from '../doors/table.ts';
import type { CallerActor, StaffActor } from '../policies/actor.ts';
import type { Live } from '../realtime/live.ts';
import { staffActor, type StaffSessions } from '../realtime/staffSessions.ts';
import { hasUnreadBody } from './body.ts';
import { callerCookieName, networkOf, readCookie } from './cookies.ts';
import { refuseWith, statusOf } from './refuse.ts';

/** The same table of doors over HTTP: for browsers without a WebSocket, and for clients in any language. */
export function doorRoutes(deps: DoorDeps, staffSessions: StaffSessions, live: Live, networkKey: Buffer): Router {
  const router = express.Router();
  router.post('/:name', express.json({ limit: '64kb', strict: true, type: 'application/json' }), async (req, res) => {
    const name = req.params['name'] ?? '';
    if (!Object.hasOwn(doors, name)) return refuseWith(res, 'door.unknown');
    if (hasUnreadBody(req)) return refuseWith(res, 'input.malformed');
    const who = await whoKnocks(req, name as DoorName);
    if (typeof who === 'string') return refuseWith(res, who);
    const by: Knock<CallerActor | StaffActor> = {
      actor: who,
      tab: req.get('x-tab')?.slice(0, 64) ?? null,
      network: networkOf(req, deps.config, networkKey),
    };
    live.presence.seen(who);
    const answer = await knock(deps, by, name, req.body ?? {});
    res.status(answer.ok ? 200 : statusOf(answer.refusal.code)).json(answer);
  });

  /** The door says who may knock, so it says which cookie counts: one browser may hold both. */
  async function whoKnocks(req: Request, name: DoorName): Promise<CallerActor | StaffActor | RefusalCode> {
    const audience: readonly string[] = doors[name].for;
    const as = req.get('x-as');
    if (audience.includes('caller') && as !== 'staff') {
      const token = readCookie(req, callerCookieName(deps.config));
      const caller = token ? await callerOf(deps, token) : null;
      if (caller) return caller;
    }
    const staff = await staffSessions.staffOf(req.headers);
    if (!staff) return 'auth.required';
    if (!staff.factorEnrolled) return 'auth.factorRequired';
    if (signsOfPerson.has(name)) staffSessions.active(staff.sessionId).catch(() => {}); // told again by the next sign
    return staffActor(staff);
  }
  return router;
}
