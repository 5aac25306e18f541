import type { StaffNamed } from '@hearthline/shared/contracts/escalation';
import type { Channel } from '@hearthline/shared/contracts/ids';
import type {
  CallerInvitation,
  DeskInvitation,
  InvitationPurpose,
  InvitationState,
  TalkInvitation,
} from '@hearthline/shared/contracts/invitation';
import { isOver } from '@hearthline/shared/domain/invitation.machine';
import type { Deps } from '../deps.ts';
import type { Line } from '../storage/postgres/lines.store.ts';
import { agreementFor, agreementForLine } from './disclosure.ts';
import { namedStaff } from './escalation.ts';

type Row = {
  id: string;
  purpose: InvitationPurpose;
  state: InvitationState;
  line_id: string;
  talk_line_id: string;
  named: boolean;
  colleague: StaffNamed | null;
  next_due_at: Date | null;
};

/** For a statement in which `alias` is the conversation: its last invitation, whose details are read apart. */
export const invitationJoin = (alias: string): string =>
  `left join lateral (select x.id, x.state from invitation x where x.conversation_id = ${alias}.id order by x.asked_at desc, x.id limit 1) inv on true`;
export const invitationColumns = 'inv.id as invitation_id, inv.state as invitation_state';
export type InvitationColumns = { invitation_id: string | null; invitation_state: InvitationState | null };

const statement = `
  select i.id as key, i.id, i.purpose, i.state, i.line_id, c.line_id as talk_line_id, i.whom is not null as named,
    ${namedStaff('coalesce(i.rings_id, i.whom)')} as colleague, i.next_due_at
  from invitation i join conversation c on c.id = i.conversation_id where i.id = any($1::uuid[])`;

async function read(deps: Deps, { invitation_id: id }: InvitationColumns): Promise<Row | undefined> {
  return id ? (await deps.reads.rows<Row>(statement, id))[0] : undefined;
}
const lineName = (deps: Deps, id: string): string | null => deps.lines.byId(id)?.config.name ?? null;

/** As the staff in a talk see it, also when it is over. @param holds this person may take it back */
export async function talkInvitation(
  deps: Deps,
  of: InvitationColumns,
  holds: boolean,
): Promise<TalkInvitation | null> {
  const row = await read(deps, of);
  if (!row) return null;
  return {
    id: row.id,
    purpose: row.purpose,
    state: row.state,
    colleague: row.colleague,
    lineName: row.named ? null : lineName(deps, row.line_id),
    dueAt: row.next_due_at?.toISOString() ?? null,
    can: holds && !isOver(row) ? ['withdraw'] : [],
  };
}

/** As its caller sees it, as long as it is not over. */
export async function callerInvitation(
  deps: Deps,
  of: InvitationColumns,
  line: Line,
): Promise<CallerInvitation | null> {
  if (!of.invitation_state || isOver({ state: of.invitation_state })) return null;
  const row = await read(deps, of);
  if (row?.state !== 'asking' && row?.state !== 'ringing') return null;
  const theirs = deps.lines.byId(row.line_id) ?? line;
  return {
    id: row.id,
    purpose: row.purpose,
    state: row.state,
    colleague: row.colleague,
    lineName: row.line_id === row.talk_line_id ? null : lineName(deps, row.line_id),
    agreement: row.colleague
      ? await agreementFor(deps, line, [row.colleague.id])
      : await agreementForLine(deps, line, theirs),
  };
}

type Rings = {
  id: string;
  purpose: InvitationPurpose;
  from_name: string;
  line_id: string;
  talk_line_id: string;
  channel: Channel;
  started_at: Date;
  rings_since: Date;
  next_due_at: Date;
};
const ringing = `
  select i.rings_id as key, i.id, i.purpose, s.name as from_name, i.line_id, c.line_id as talk_line_id, c.channel, c.started_at, i.rings_since, i.next_due_at
  from invitation i join conversation c on c.id = i.conversation_id join staff s on s.id = i.asked_by
  where i.rings_id = any($1::uuid[]) and i.state = 'ringing'`;

/** What this peer is asked right now. */
export async function deskInvitations(deps: Deps, staffId: string): Promise<DeskInvitation[]> {
  return (await deps.reads.rows<Rings>(ringing, staffId)).map((r) => ({
    id: r.id,
    purpose: r.purpose,
    from: r.from_name,
    lineName: r.line_id === r.talk_line_id ? null : lineName(deps, r.talk_line_id),
    channel: r.channel,
    calls: deps.media.calls(),
    startedAt: r.started_at.toISOString(),
    madeAt: r.rings_since.toISOString(),
    expiresAt: r.next_due_at.toISOString(),
  }));
}
