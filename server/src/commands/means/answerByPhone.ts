import { randomUUID } from 'node:crypto';
import type { Role } from '@hearthline/shared/contracts/ids';
import type { Deps } from '../../deps.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { acknowledgePage, declinePage } from '../escalations/answerPage.ts';

/** A call is answered while it lasts; what is said later was recorded and played again. */
const goodForMs = 15 * 60_000;
type Row = { escalation_id: string; id: string; name: string; roles: Role[]; line_ids: string[] };

/**
 * [PG12] Whoever takes the call presses 1 or 2: the same as in the page, and by the same rules. It hands nothing out: what it is about
 * is read after signing in. @returns what came of it, to be spoken
 */
export async function answerByPhone(
  deps: Deps,
  pageId: string,
  digit: string,
): Promise<'coming' | 'passedOn' | 'taken' | 'over' | 'again'> {
  if (digit !== '1' && digit !== '2') return 'again';
  const { rows } = await deps.sql.query<Row>(
    `select p.escalation_id, s.id, s.name, s.roles, array(select line_id from staff_line l where l.staff_id = s.id) as line_ids
     from page p join staff s on s.id = p.staff_id
     where p.id = $1 and p.kind = 'voice' and p.escalation_id is not null and p.made_at > $2 and s.suspended_at is null`,
    [pageId, new Date(deps.clock.now().getTime() - goodForMs)],
  );
  const [row] = rows;
  if (!row) return 'over';
  const { id, name, roles, line_ids: lineIds, escalation_id: escalationId } = row;
  const actor: StaffActor = { kind: 'staff', id, name, roles, lineIds, locked: true };
  const of = { commandId: randomUUID(), escalationId };
  const done = await (digit === '1' ? acknowledgePage : declinePage)(deps, actor, of);
  if (done.ok) return digit === '1' ? 'coming' : 'passedOn';
  return done.code === 'escalation.taken' ? 'taken' : 'over';
}
