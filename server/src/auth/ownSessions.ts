import type pg from 'pg';
import type { SignIn } from '@hearthline/shared/contracts/pageServices';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../deps.ts';
import type { StaffVisit } from '../realtime/staffSessions.ts';

/** Where the person of this session is signed in (S4), this one first, then the one last used. */
export async function ownSessions(pool: pg.Pool, sessionId: string): Promise<SignIn[]> {
  const { rows } = await pool.query<Omit<SignIn, 'signedInAt' | 'activeAt'> & { created: Date; active: Date }>(
    `select a.id, a.id = mine.id as here, coalesce(left(a."userAgent", 300), '') as "userAgent",
            a."createdAt" as created, greatest(a."createdAt", a."activeAt") as active
     from auth_session mine join auth_session a on a."userId" = mine."userId"
     where mine.id = $1 and a."expiresAt" > now() order by a.id = mine.id desc, active desc`,
    [sessionId],
  );
  return rows.map(({ created, active, ...r }) => ({
    ...r,
    signedInAt: created.toISOString(),
    activeAt: active.toISOString(),
  }));
}

/**
 * Ends one of a person's sessions, or all but the one that asks; open pages of it are thrown out at once.
 * @param which the id of a session, or `others`
 */
export async function endOwnSessions(
  { pool, hub, clock }: Pick<Deps, 'pool' | 'hub' | 'clock'>,
  staff: StaffVisit,
  which: string,
): Promise<Result<{ ended: number }>> {
  if (staff.locked) return refuse('session.locked');
  const { rows } = await pool.query<{ ended: number }>(
    `with gone as (
       delete from auth_session a using auth_session mine
       where mine.id = $1 and a."userId" = mine."userId" and a.id <> mine.id and (a.id = $2 or $2 = 'others') returning a.id
     ), written as (
       insert into audit (at, actor_kind, actor_id, action) select $4, 'staff', $3, 'session.ended' from gone
     )
     select count(*)::int as ended from gone`,
    [staff.sessionId, which, staff.id, clock.now()],
  );
  hub.tell([{ type: 'session.ended', lineId: staff.lineIds[0] ?? '' }]);
  return ok({ ended: rows[0]?.ended ?? 0 });
}
