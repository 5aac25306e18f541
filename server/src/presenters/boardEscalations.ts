import type { EscalationKind, EscalationState, StaffNamed } from '@hearthline/shared/contracts/escalation';
import type { BoardView } from '@hearthline/shared/contracts/views';
import type { Deps } from '../deps.ts';
import type { Line } from '../storage/postgres/lines.store.ts';
import { attemptOf, namedStaff, pagesOf, type PageSeen } from './escalation.ts';

const mostRows = 50;
type Row = {
  id: string;
  guest: number;
  peer_name: string;
  kind: EscalationKind;
  state: EscalationState;
  raised_by: 'caller' | 'peer';
  raised_at: Date;
  next_due_at: Date | null;
  exhausted_at: Date | null;
  live: boolean;
  owner: StaffNamed | null;
  pages: PageSeen[];
};
const statement = `
  select e.id, r.guest, t.name as peer_name, e.kind, e.state, e.raised_by, e.raised_at, e.next_due_at, e.exhausted_at, c.state = 'live' as live,
    ${namedStaff('e.owner_id')} as owner, ${pagesOf('e.id')} as pages
  from escalation e join conversation c on c.id = e.conversation_id join request r on r.id = c.request_id
  join staff t on t.id = c.peer_id
  where e.line_id = $1 and e.state in ('asking', 'paging', 'acknowledged', 'joined', 'exhausted')
  order by e.raised_at limit ${mostRows}`;

/** [ES12] Who is called for whom, without a word of why: those that are not over. */
export async function boardEscalations({ sql }: Pick<Deps, 'sql'>, line: Line): Promise<BoardView['escalations']> {
  const { rows } = await sql.query<Row>(statement, [line.id]);
  return rows.map((r) => ({
    id: r.id,
    guest: r.guest,
    peerName: r.peer_name,
    kind: r.kind,
    state: r.state,
    raisedBy: r.raised_by,
    raisedAt: r.raised_at.toISOString(),
    dueAt: r.next_due_at?.toISOString() ?? null,
    live: r.live,
    exhaustedAt: r.state === 'exhausted' ? (r.exhausted_at?.toISOString() ?? null) : null,
    owner: r.owner,
    attempts: r.pages.map(attemptOf),
  }));
}
