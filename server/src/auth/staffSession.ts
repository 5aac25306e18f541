import { fromNodeHeaders } from 'better-auth/node';
import type pg from 'pg';
import type { Role } from '@hearthline/shared/contracts/ids';
import type { StaffSessions } from '../realtime/staffSessions.ts';
import type { Auth } from './auth.ts';

const lineIds = `coalesce((select array_agg(l.line_id order by l.line_id) from staff_line l where l.staff_id = s.id), '{}') as line_ids`;
type Row = { id: string; name: string; email: string; roles: Role[]; line_ids: string[] };

/** Who is signed in, asked at each call: a suspended person and an ended session are nobody. */
export function createStaffSessions(auth: Auth, pool: pg.Pool): StaffSessions {
  return {
    async staffOf(headers) {
      const session = await auth.api.getSession({ headers: fromNodeHeaders(headers) });
      if (!session) return null;
      const factorEnrolled = session.user.twoFactorEnabled === true;
      if (factorEnrolled && session.session.factorProven !== true) return null; // opened by the password alone
      const { rows } = await pool.query<Row>(
        `select s.id, s.name, s.email, s.roles, ${lineIds}
         from staff s where s.auth_user_id = $1 and s.suspended_at is null`,
        [session.user.id],
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
        locked: session.session.lockedAt != null,
      };
    },
    async alive(sessionIds) {
      const { rows } = await pool.query<Pick<Row, 'id' | 'roles' | 'line_ids'> & { locked: boolean }>(
        `select a.id, s.roles, ${lineIds}, a."lockedAt" is not null as locked
         from auth_session a join staff s on s.auth_user_id = a."userId"
         where a.id = any($1::text[]) and a."expiresAt" > now() and s.suspended_at is null`,
        [sessionIds],
      );
      return new Map(rows.map((r) => [r.id, { roles: r.roles, lineIds: r.line_ids, locked: r.locked }]));
    },
  };
}
