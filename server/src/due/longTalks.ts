import type { Deps } from '../deps.ts';

const aheadSeconds = 180;
const stepSeconds = 600;

/**
 * [S2] Nobody is signed out in the middle of a conversation: a staff session that comes to its end goes on in steps of ten
 * minutes while a talk of that person is live. @returns how many were.
 */
export async function stretchSessions({ sql }: Pick<Deps, 'sql'>): Promise<number> {
  const { rowCount } = await sql.query(
    `update auth_session a set "expiresAt" = now() + make_interval(secs => $2) from staff s
     where s.auth_user_id = a."userId" and s.suspended_at is null
       and a."expiresAt" between now() and now() + make_interval(secs => $1)
       and exists (select 1 from participant p where p.party_id = s.id and p.left_at is null and p.role <> 'caller')`,
    [aheadSeconds, stepSeconds],
  );
  return rowCount;
}
