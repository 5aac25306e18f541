import type { StaffNamed } from '@hearthline/shared/contracts/escalation';
import type { Deps } from '../deps.ts';
import { hasPage } from '../means/hasPage.ts';
import type { Sql } from '../storage/postgres/pool.ts';

/** [IN7] Coordinators of a line who are not in this talk, in turn: whoever was asked longest ago first. */
export async function coordinatorsFor(sql: Sql, of: { line_id: string; talkId: string }): Promise<StaffNamed[]> {
  const { rows } = await sql.query<StaffNamed>(
    `select s.id, s.name, s.title from staff s join staff_line l on l.staff_id = s.id and l.line_id = $1
     where 'coordinator' = any(s.roles) and s.suspended_at is null
       and not exists (select 1 from participant p where p.conversation_id = $2 and p.party_id = s.id and p.left_at is null)
       and not exists (select 1 from invitation i where i.rings_id = s.id and i.state = 'ringing')
       and not exists (select 1 from offer o where o.peer_id = s.id and o.state = 'pending')
     order by (select max(i.rings_since) from invitation i where i.rings_id = s.id) nulls first, s.name, s.id`,
    [of.line_id, of.talkId],
  );
  return rows;
}

/** Where nobody can say who has a page open, everybody counts. */
export const isHere = async (deps: Deps, staffId: string): Promise<boolean> =>
  (await hasPage(deps, staffId).catch(() => null)) !== false;
