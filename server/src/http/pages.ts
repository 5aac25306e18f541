import { setTimeout } from 'node:timers/promises';
import type { NextFunction, Request, Response } from 'express';
import type { PageServices } from '@hearthline/shared/contracts/pageServices';
import type { PublicLine } from '@hearthline/shared/contracts/line';
import { ok, refuse } from '@hearthline/shared/contracts/refusals';
import { hasSomethingToSee } from '@hearthline/shared/domain/messageText';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ownSessions } from '../auth/ownSessions.ts';
import { callerOf, giveConsent } from '../commands/callers/callerSession.ts';
import { redeemReturnCode } from '../commands/callers/returnCode.ts';
import type { Deps } from '../deps.ts';
import { callerView } from '../presenters/callerView.ts';
import { openNow, readStaffed, type Staffed } from '../presenters/staffed.ts';
import type { StaffSessions } from '../realtime/staffSessions.ts';
import type { Line } from '../storage/postgres/lines.store.ts';
import { callerCookie, callerCookieName, networkOf, readCookie } from './cookies.ts';

/** Hands each page request its few services, already authorised for this very visitor. */
export function pageServices(deps: Deps, staffSessions: StaffSessions, networkKey: Buffer) {
  const tries = new RateLimiterMemory({ points: 5, duration: 900 });
  const allTries = new RateLimiterMemory({ points: 300, duration: 900 });
  const consents = new RateLimiterMemory({ points: deps.config.limits.consentsPerNetwork10Min, duration: 600 });
  const mayTry = (network: string) =>
    tries
      .consume(network)
      .then(() => allTries.consume('all'))
      .then(
        () => true,
        () => false,
      );

  return (req: Request, _res: Response, next: NextFunction): void => {
    const token = readCookie(req, callerCookieName(deps.config));
    const services: PageServices = {
      async line(slug) {
        const line = slug ? deps.lines.bySlug(slug) : deps.lines.first();
        return line ? publicLine(deps, line) : null;
      },
      async callerView() {
        const actor = token ? await callerOf(deps, token) : null;
        return actor ? callerView(deps, actor) : { stage: 'none', now: deps.clock.now().toISOString() };
      },
      async giveConsent(input) {
        const network = networkOf(req, deps.config, networkKey);
        const allowed = await consents.consume(network).catch(() => null); // each is rows that stay
        if (!allowed) return refuse('rate.slowDown');
        const name = input.name && hasSomethingToSee(input.name) ? input.name : null;
        const given = await giveConsent(deps, token ? await callerOf(deps, token) : null, { ...input, name });
        return given.ok
          ? { ok: true, cookie: given.value.token ? callerCookie(deps.config, given.value.token) : null }
          : given;
      },
      async redeemCode(code) {
        if (!(await mayTry(networkOf(req, deps.config, networkKey)))) return refuse('code.locked');
        const redeemed = await redeemReturnCode(deps, code.slice(0, 200));
        return redeemed.ok ? { ok: true, cookie: callerCookie(deps.config, redeemed.value.token) } : redeemed;
      },
      async staff() {
        const staff = await staffSessions.staffOf(req.headers);
        return (
          staff && {
            id: staff.id,
            name: staff.name,
            email: staff.email,
            roles: staff.roles,
            factorEnrolled: staff.factorEnrolled,
            locked: staff.locked,
            lockAfterSeconds: deps.config.lockAfterSeconds,
          }
        );
      },
      async signIns() {
        const staff = await staffSessions.staffOf(req.headers);
        return staff && !staff.locked ? ownSessions(deps.pool, staff.sessionId) : [];
      },
    };
    Object.assign(req, { pageServices: services });
    next();
  };
}

const answersWithinMs = 1500;

/** Who could answer; null while the database is away or slow, and nobody should wait for a page with numbers on it. */
async function staffedInTime(deps: Deps, line: Line): Promise<Staffed | null> {
  const counted = readStaffed(deps, line.id);
  const late = setTimeout(answersWithinMs, null, { ref: false });
  const answer = await Promise.race([counted, late]).catch(() => null);
  counted.catch(() => {}); // it may fail after it was given up
  return answer;
}

async function publicLine(deps: Deps, line: Line): Promise<PublicLine> {
  const staffed = await staffedInTime(deps, line);
  const c = line.config;
  return {
    id: line.id,
    open: staffed ? openNow(deps, line, staffed) : { state: 'unreachable' },
    calls: deps.media.calls(),
    taken: staffed?.taken ?? [],
    config: {
      slug: c.slug,
      name: c.name,
      shortName: c.shortName,
      language: c.language,
      timeZone: c.timeZone,
      about: c.about,
      whoAnswers: c.whoAnswers,
      hours: c.hours,
      holidays: c.holidays,
      intakeStopsMinutes: c.intakeStopsMinutes,
      crisis: c.crisis,
      otherLines: c.otherLines,
      consent: c.consent,
      survey: c.survey,
      channels: c.channels,
      retentionDays: c.retentionDays,
    },
  };
}
export const lineAnswer = async (deps: Deps, slug: string | undefined) => {
  const line = slug ? deps.lines.bySlug(slug) : deps.lines.first();
  return line ? ok(await publicLine(deps, line)) : refuse('line.gone');
};
