import type { Channel } from '@hearthline/shared/contracts/ids';
import type { DeskConversation } from '@hearthline/shared/contracts/views';
import type { StaffRole } from '@hearthline/shared/domain/control.machine';
import type { Deps } from '../deps.ts';
import { sealedColumns, type SealedColumns } from '../keys/recordKeys.ts';
import type { StaffActor } from '../policies/actor.ts';
import { nameJoin, nameOf } from './callerName.ts';
import { deskEscalation, escalationColumns, escalationJoin, type EscalationColumns } from './escalation.ts';
import { invitationColumns, invitationJoin, talkInvitation, type InvitationColumns } from './invitation.ts';
import { noticesFor } from './disclosure.ts';
import { presenceOf } from './presence.ts';
import { talkingColumns, talkingJoin, talkingOf, type TalkingRow } from './talking.ts';

type Row = SealedColumns &
  EscalationColumns &
  InvitationColumns &
  TalkingRow & {
    id: string;
    side_of: string | null;
    caller_id: string | null;
    role: StaffRole;
    knows_name: boolean;
    live: boolean;
    epoch: number;
    last_seq: number;
    channel: Channel;
    started_at: Date;
    ended_at: Date | null;
    ended_by: 'caller' | 'peer' | 'system' | null;
    due_at: Date | null;
    returning: boolean;
    them_id: string;
    them_name: string | null;
    them_lost_at: Date | null;
    them_delivered: number;
    them_read: number;
    my_delivered: number;
    my_read: number;
  };

/** [CS2] The name that a caller gave is a part of what they share with a clinician, or with a coordinator. */
const sharesName = `(select count(*) > 0 from disclosure_consent d
  where d.conversation_id = c.id and d.share <> 'nothing' and d.revoked_at is null
    and coalesce((select e.owner_id from escalation e where e.id = d.escalation_id), (select i.rings_id from invitation i where i.id = d.invitation_id)) = pm.party_id)`;

/** Which they are in now, and which they have to write up; of one they have left, what was there until then. */
const statement = `
  select pm.party_id as key, c.id, c.side_of, c.caller_id, pm.role, pm.role = 'peer' or ${sharesName} as knows_name, c.state = 'live' and pm.left_at is null as live,
         coalesce(pm.until_epoch, c.epoch) as epoch, coalesce(pm.until_seq, c.last_seq) as last_seq, c.channel, ${talkingColumns('c')},
         c.started_at, pm.left_at as ended_at, case when pm.left_at = c.ended_at then c.ended_by when pm.left_at is not null then 'peer' end as ended_by,
         ${escalationColumns}, ${invitationColumns}, w.due_at,
         (exists (select 1 from conversation e where e.caller_id = c.caller_id and e.state = 'ended' and e.id <> c.id)) as returning,
         pt.party_id as them_id, st.name as them_name, coalesce(c.caller_lost_at, pt.lost_at) as them_lost_at,
         least(pt.delivered_seq, coalesce(pm.until_seq, c.last_seq)) as them_delivered, least(pt.read_seq, coalesce(pm.until_seq, c.last_seq)) as them_read,
         pm.delivered_seq as my_delivered, pm.read_seq as my_read, ${sealedColumns}
  from (select conversation_id as id, party_id from participant where party_id = any($1::uuid[]) and left_at is null and role <> 'caller'
        union select conversation_id, peer_id from wrap_up where peer_id = any($1::uuid[]) and state = 'due') shown
  join conversation c on c.id = shown.id
  join participant pm on pm.conversation_id = c.id and pm.party_id = shown.party_id
  join participant pt on pt.conversation_id = c.id and (pt.role = 'caller' or c.side_of is not null and pt.party_id <> pm.party_id)
  left join staff st on st.id = pt.party_id
  ${talkingJoin('c')}
  ${escalationJoin('c')}
  ${invitationJoin('c')}
  left join wrap_up w on w.conversation_id = c.id and w.state = 'due' and w.peer_id = pm.party_id
  ${nameJoin('c.caller_id')} order by c.started_at, c.id`;

/** The conversations of somebody on staff: those they are in, whatever as, and those they have to write up. Nobody else's (I15). */
export async function talksIn(deps: Deps, actor: StaffActor): Promise<DeskConversation[]> {
  const [rows, notices] = await Promise.all([deps.reads.rows<Row>(statement, actor.id), noticesFor(deps, actor.id)]);
  return Promise.all(rows.map((row) => shownAs(deps, row, actor, notices.get(row.id) ?? null)));
}

async function shownAs(
  deps: Deps,
  row: Row,
  actor: StaffActor,
  notice: DeskConversation['notice'],
): Promise<DeskConversation> {
  const { caller_id: callerId } = row;
  const given =
    actor.locked || !callerId || !row.knows_name ? null : await nameOf(deps, actor, { ...row, caller_id: callerId });
  const talking = talkingOf(deps, row, { id: actor.id, side: 'staff', callerName: given });
  const holds = row.live && talking.parties.some((p) => p.id === actor.id && p.holds);
  return {
    id: row.id,
    sideOf: row.side_of,
    me: actor.id,
    as: row.role,
    callerId: row.them_id,
    state: row.live ? 'live' : 'wrapUp',
    epoch: row.epoch,
    lastSeq: row.last_seq,
    channel: row.channel,
    ...talking,
    ...(row.live ? {} : { parties: [], left: [], proposal: null, room: null }),
    notice,
    name: row.them_name ?? given,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_by,
    wrapUpDueAt: row.due_at?.toISOString() ?? null,
    callerPresence: presenceOf(row.them_lost_at),
    returning: row.returning,
    callerMarks: { delivered: row.them_delivered, read: row.them_read },
    myMarks: { delivered: row.my_delivered, read: row.my_read },
    escalation:
      row.role === 'peer' && !row.side_of ? await deskEscalation(deps, row, { holds, locked: actor.locked }) : null,
    invitation: row.role !== 'clinician' && !row.side_of ? await talkInvitation(deps, row, holds) : null,
    can: row.live ? abilities(row, holds, talking.parties, actor.id) : [],
  };
}

function abilities(
  { side_of: sideOf, channel, role }: Row,
  holds: boolean,
  parties: DeskConversation['parties'],
  me: string,
): DeskConversation['can'] {
  if (sideOf) return ['leave'];
  if (!holds) return ['leave'];
  const heirs = parties.some((p) => p.role !== 'caller' && p.id !== me && p.presence === 'here');
  return [
    'leave',
    'end',
    ...(heirs ? (['handOver'] as const) : []),
    ...(channel === 'phone' ? [] : (['channel'] as const)),
    ...(role === 'peer' && channel !== 'phone' ? (['invite'] as const) : []),
    ...(role === 'peer' ? (['raise'] as const) : []),
  ];
}
