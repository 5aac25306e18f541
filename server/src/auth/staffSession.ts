import { fromNodeHeaders } from 'better-auth/node';
import type pg from 'pg';
import type { Role } from '@hearthline/shared/contracts/ids';
import { activityTellMs } from '@hearthline/shared/domain/staffActivity';
import type { StaffSessions } from '../realtime/staffSessions.ts';
import type { Auth } from './auth.ts';

const mostTold = 10_000;
const lineIds = `coalesce((select array_agg(l.line_id order by l.line_id) from staff_line l where l.staff_id = s.id), '{}') as line_ids`;
/** Locked by its page, or silent for too long: a page that is gone, asleep or not ours locks nothing by itself (S2). */
const isLocked = (seconds: string) =>
  `(a."lockedAt" is not null or coalesce(a."activeAt", a."createdAt") < now() - make_interval(secs => ${seconds}))`;
type Row = { id: string; name: string; email: string; roles: Role[]; line_ids: string[]; locked: boolean };

/**
 * Who is signed in, asked at each call: a suspended person and an ended session are nobody.
 * @param lockAfterSeconds how long a person may give no sign; what a page tells of them may be late by two intervals
 */
export function createStaffSessions(auth: Auth, pool: pg.Pool, lockAfterSeconds = 900): StaffSessions {
  const tellMs = activityTellMs(lockAfterSeconds);
  const silentSeconds = lockAfterSeconds + (2 * tellMs) / 1000;
  const told = new Map<string, number>();
  return {
    async staffOf(headers) {
      const session = await auth.api.getSession({ headers: fromNodeHeaders(headers) });
      if (!session) return null;
      const factorEnrolled = session.user.twoFactorEnabled === true;
      if (factorEnrolled && session.session.factorProven !== true) return null; // opened by the password alone
      const { rows } = await pool.query<Row>(
        `select s.id, s.name, s.email, s.roles, ${lineIds}, ${isLocked('$3')} as locked
         from staff s join auth_session a on a.id = $2 where s.auth_user_id = $1 and s.suspended_at is null`,
        [session.user.id, session.session.id, silentSeconds],
      );
      const staff = rows[0];
      if (!staff) return null;
      return {
        id: staff.id,
        name: staff.name,
        email: staff.email,
        roles: staff.roles,
        lineIds: staff.line_ids,
        factorEnrolled,
        sessionId: session.session.id,
        locked: staff.locked,
      };
    },
    async alive(sessionIds) {
      const { rows } = await pool.query<Pick<Row, 'id' | 'roles' | 'line_ids' | 'locked'>>(
        `select a.id, s.roles, ${lineIds}, ${isLocked('$2')} as locked
         from auth_session a join staff s on s.auth_user_id = a."userId"
         where a.id = any($1::text[]) and a."expiresAt" > now() and s.suspended_at is null`,
        [sessionIds, silentSeconds],
      );
      return new Map(rows.map((r) => [r.id, { roles: r.roles, lineIds: r.line_ids, locked: r.locked }]));
    },
    async active(sessionId) {
      const now = performance.now();
      if (now - (told.get(sessionId) ?? -Infinity) < tellMs) return;
      if (told.size >= mostTold) told.clear();
      told.set(sessionId, now);
      await pool.query(`update auth_session a set "activeAt" = now() where a.id = $1 and not ${isLocked('$2')}`, [
        sessionId,
        silentSeconds,
      ]);
    },
  };
}
