import type {
  Attempt,
  AttemptState,
  CallerEscalation,
  DeskEscalation,
  EscalationKind,
  EscalationState,
  MeansKind,
  Share,
  StaffNamed,
} from '@hearthline/shared/contracts/escalation';
import type { Deps } from '../deps.ts';
import { readSealed } from '../keys/recordKeys.ts';
import type { Line } from '../storage/postgres/lines.store.ts';

export type PageSeen = {
  id: string;
  staffId: string;
  name: string;
  kind: MeansKind;
  state: 'due' | 'sending' | 'sent' | 'failed' | 'unknown';
  answer: 'acknowledged' | 'declined' | null;
  delivered: boolean;
  step: number;
  at: string;
};
type Row = {
  id: string;
  kind: EscalationKind;
  state: EscalationState;
  raised_by: 'caller' | 'peer';
  raised_at: Date;
  share: Share | null;
  next_due_at: Date | null;
  called_at: Date | null;
  owner: StaffNamed | null;
  paged: StaffNamed | null;
  pages: PageSeen[];
};

/** For a statement in which `alias` is the conversation: the last escalation of it, whose details are read apart. */
export const escalationJoin = (alias: string): string =>
  `left join lateral (select x.id, x.state from escalation x where x.conversation_id = ${alias}.id order by x.raised_at desc, x.id limit 1) esc on true`;
export const escalationColumns = 'esc.id as escalation_id, esc.state as escalation_state';
export type EscalationColumns = { escalation_id: string | null; escalation_state: EscalationState | null };

export const namedStaff = (column: string): string =>
  `(select jsonb_build_object('id', s.id, 'name', s.name, 'title', s.title) from staff s where s.id = ${column})`;
/** Each attempt to reach a clinician (PageSeen[]); coordinators are called at step 0. */
export const pagesOf = (escalationId: string): string =>
  `coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'staffId', p.staff_id, 'name', s.name, 'kind', p.kind, 'state', p.state, 'answer', p.answer,
        'delivered', p.delivered_at is not null, 'step', p.step, 'at', p.made_at) order by p.made_at, p.id)
      from page p join staff s on s.id = p.staff_id where p.escalation_id = ${escalationId} and p.step > 0), '[]')`;
const statement = `
  select e.id as key, e.id, e.kind, e.state, e.raised_by, e.raised_at, e.share, e.next_due_at, e.called_at,
    ${namedStaff('e.owner_id')} as owner, ${namedStaff('e.paged_id')} as paged, ${pagesOf('e.id')} as pages
  from escalation e where e.id = any($1::uuid[])`;

const over: ReadonlySet<EscalationState> = new Set(['left', 'refused', 'unanswered', 'withdrawn', 'closed']);

async function read(deps: Deps, { escalation_id: id }: EscalationColumns): Promise<Row | undefined> {
  return id ? (await deps.reads.rows<Row>(statement, id))[0] : undefined;
}

/** As a peer in the conversation sees it, also when it is over. @param holds this one may call again, and take it back */
export async function deskEscalation(
  deps: Deps,
  of: EscalationColumns,
  { holds, locked }: { holds: boolean; locked: boolean },
): Promise<DeskEscalation | null> {
  const row = await read(deps, of);
  if (!row) return null;
  const told = { ownerKind: 'peerTold', ownerId: row.id, field: 'told' };
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    raisedBy: row.raised_by,
    raisedAt: row.raised_at.toISOString(),
    share: row.share,
    owner: row.owner,
    attempts: row.pages.map(attemptOf),
    dueAt: row.next_due_at?.toISOString() ?? null,
    told: row.state === 'closed' && !locked ? await readSealed(deps.sql, deps.ring, told) : null,
    can:
      !holds || over.has(row.state) || row.state === 'joined'
        ? []
        : row.state === 'exhausted'
          ? ['withdraw', 'again']
          : ['withdraw'],
  };
}

/** As its caller sees it, as long as it is not over. The summary is theirs to change while they are asked. */
export async function callerEscalation(
  deps: Deps,
  of: EscalationColumns,
  line: Line,
): Promise<CallerEscalation | null> {
  if (!of.escalation_state || over.has(of.escalation_state)) return null;
  const row = await read(deps, of);
  if (!row || over.has(row.state)) return null;
  const summary = { ownerKind: 'escalation', ownerId: row.id, field: 'summary' };
  const asks = row.state === 'asking' ? await deps.onCall.now(line.id) : null;
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    raisedBy: row.raised_by,
    share: row.share,
    summary: row.state === 'asking' ? await readSealed(deps.sql, deps.ring, summary) : null,
    clinician: row.owner ?? row.paged ?? asks?.people[0] ?? null,
    before: row.state === 'paging' ? calledBefore(row) : null,
    usual: asks?.usual ?? null,
    announced: line.config.escalation?.announceConsult ?? false,
  };
}

/** Since the ladder was begun, the last one before whoever is called now. */
function calledBefore({ pages, paged, called_at: since }: Row): CallerEscalation['before'] {
  const last = pages.findLast((p) => p.staffId !== paged?.id && (!since || new Date(p.at) >= since));
  return last ? { name: last.name, answered: last.answer !== null } : null;
}

export function attemptOf({ id, name, kind, state, answer, delivered, step, at }: PageSeen): Attempt {
  const so: AttemptState = answer ?? (state === 'sent' && delivered ? 'delivered' : state);
  return { id, name, means: kind, state: so, step, at: new Date(at).toISOString() };
}
