import type { Channel } from '@hearthline/shared/contracts/ids';
import type {
  ClinicianEscalation,
  EscalationKind,
  EscalationState,
  Share,
  StaffNamed,
} from '@hearthline/shared/contracts/escalation';
import type { ClinicianView } from '@hearthline/shared/contracts/views';
import type { Deps } from '../deps.ts';
import { ownOnCall } from '../onCall/ownOnCall.ts';
import { nextAfter } from '../commands/escalations/nextAfter.ts';
import type { StaffActor } from '../policies/actor.ts';
import { namedStaff } from './escalation.ts';
import { talksIn } from './talksIn.ts';

type Row = {
  id: string;
  line_id: string;
  conversation_id: string;
  kind: EscalationKind;
  state: EscalationState;
  raised_by: 'caller' | 'peer';
  raised_at: Date;
  next_due_at: Date | null;
  paged_id: string | null;
  share: Share | null;
  step: number;
  attempt: number;
  called_at: Date | null;
  channel: Channel;
  declined: boolean;
  owner: StaffNamed | null;
  peer: StaffNamed;
};

/** What they were called for and is not over, and what they have: nothing else of the line (I15). */
const statement = `
  select mine.staff_id as key, e.id, e.line_id, e.conversation_id, e.kind, e.state, e.raised_by, e.raised_at, e.next_due_at, e.paged_id, e.share,
    e.step, e.attempt, e.called_at, c.channel, mine.declined, ${namedStaff('e.owner_id')} as owner, ${namedStaff('c.peer_id')} as peer
  from (select p.staff_id, p.escalation_id, bool_or(p.answer = 'declined') is true as declined
        from page p where p.staff_id = any($1::uuid[]) and p.step > 0 and p.escalation_id is not null group by 1, 2) mine
  join escalation e on e.id = mine.escalation_id and e.state in ('paging', 'acknowledged', 'joined', 'left', 'exhausted')
  join conversation c on c.id = e.conversation_id
  order by e.raised_at`;
const own = `
  select s.id as key, s.title,
    exists (select 1 from means m where m.staff_id = s.id and m.verified_at is not null and m.removed_at is null) as reachable
  from staff s where s.id = any($1::uuid[])`;

/** The clinician's whole screen. Words that somebody wrote are not in it: they are handed out apart, and each time audited. */
export async function clinicianView(deps: Deps, actor: StaffActor): Promise<ClinicianView> {
  const now = deps.clock.now();
  const [rows, [me], onCall, conversations] = await Promise.all([
    deps.reads.rows<Row>(statement, actor.id),
    deps.reads.rows<{ title: string | null; reachable: boolean }>(own, actor.id),
    ownOnCall(deps, actor, now),
    talksIn(deps, actor),
  ]);
  const line = deps.lines.all().find((l) => actor.lineIds.includes(l.id)) ?? null;
  return {
    now: now.toISOString(),
    me: {
      id: actor.id,
      name: actor.name,
      title: me?.title ?? null,
      roles: [...actor.roles],
      locked: actor.locked,
      lockAfterSeconds: deps.config.lockAfterSeconds,
    },
    line: line && {
      id: line.id,
      slug: line.config.slug,
      name: line.config.name,
      shortName: line.config.shortName,
      protocol: line.config.escalation?.protocol ?? [],
      crisis: line.config.crisis[0]?.contacts ?? [],
      retentionDays: line.config.retentionDays,
    },
    reachable: me?.reachable ?? false,
    onCall,
    escalations: await Promise.all(rows.filter((r) => shown(r, actor)).map((r) => shownAs(deps, r, actor, now))),
    conversations,
  };
}

const shown = (r: Row, actor: StaffActor): boolean => !r.declined || r.owner?.id === actor.id;

async function shownAs(deps: Deps, r: Row, actor: StaffActor, now: Date): Promise<ClinicianEscalation> {
  const mine = r.owner ? (r.owner.id === actor.id ? 'yours' : 'theirs') : 'ringing';
  return {
    id: r.id,
    conversationId: r.conversation_id,
    kind: r.kind,
    state: r.state,
    mine,
    callsMe: r.state === 'paging' && r.paged_id === actor.id,
    raisedBy: r.raised_by,
    raisedAt: r.raised_at.toISOString(),
    dueAt: r.next_due_at?.toISOString() ?? null,
    next: mine === 'ringing' && r.state === 'paging' ? await nextAfter(deps, r, now) : null,
    owner: r.owner,
    peer: r.peer,
    channel: r.channel,
    share: r.share,
  };
}
