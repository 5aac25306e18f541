import type { Channel } from '@hearthline/shared/contracts/ids';
import type { CallerView } from '@hearthline/shared/contracts/views';
import { toldPlace } from '@hearthline/shared/domain/routing/toldPlace';
import type { Deps } from '../deps.ts';
import { sealedColumns, type SealedColumns } from '../keys/recordKeys.ts';
import type { CallerActor } from '../policies/actor.ts';
import type { Line } from '../storage/postgres/lines.store.ts';
import { callerName, nameJoin } from './callerName.ts';
import { callerEscalation, escalationColumns, escalationJoin, type EscalationColumns } from './escalation.ts';
import { agreementFor } from './disclosure.ts';
import { presenceOf } from './presence.ts';
import { callerInvitation, invitationColumns, invitationJoin, type InvitationColumns } from './invitation.ts';
import { openNow, staffedOf, type StaffedRow } from './staffed.ts';
import { talkingColumns, talkingJoin, talkingOf, type TalkingRow } from './talking.ts';

type Row = EscalationColumns &
  InvitationColumns &
  SealedColumns &
  StaffedRow &
  TalkingRow & {
    consented: boolean;
    has_code: boolean;
    request_id: string | null;
    state: string | null;
    class: number | null;
    channel: Channel | null;
    talk_channel: Channel;
    first_joined_at: Date | null;
    end_reason: 'closed' | null;
    conversation_id: string | null;
    talk_line_id: string | null;
    c_state: 'live' | 'ended' | null;
    epoch: number;
    last_seq: number;
    started_at: Date;
    ended_by: 'caller' | 'peer' | 'system' | null;
    peer_id: string;
    peer_name: string;
    peer_lost_at: Date | null;
    survey_done: boolean;
    peer_delivered: number;
    peer_read: number;
    my_delivered: number;
    my_read: number;
    ahead: number | null;
  };

/** Who there is to answer is counted once a line, however many are asked about. */
const statement = `
  with staffed as materialized (
    select l.line_id, p.on_shift, p.taken
    from (select distinct line_id from caller where id = any($1::uuid[])) l cross join lateral (${staffedOf('l.line_id')}) p
  )
  select c.id as key, ${sealedColumns}, staffed.on_shift, staffed.taken,
    exists (select 1 from consent k where k.caller_id = c.id) as consented,
    exists (select 1 from return_code k where k.caller_id = c.id) as has_code,
    r.id as request_id, r.state, r.class, r.channel, r.first_joined_at, r.end_reason,
    v.id as conversation_id, v.line_id as talk_line_id, v.channel as talk_channel, ${talkingColumns('v')}, ${escalationColumns}, ${invitationColumns}, v.state as c_state, v.epoch, v.last_seq, v.started_at, v.ended_by, v.peer_id, t.name as peer_name, v.peer_lost_at,
    exists (select 1 from survey y where y.conversation_id = v.id) as survey_done,
    pp.delivered_seq as peer_delivered, pp.read_seq as peer_read, pm.delivered_seq as my_delivered, pm.read_seq as my_read,
    case when r.state in ('waiting', 'offered') then
      (select count(*)::int from request o where o.line_id = r.line_id and o.state in ('waiting', 'offered')
         and (o.class, o.first_joined_at, o.id) < (r.class, r.first_joined_at, r.id)) end as ahead
  from caller c
  join staffed on staffed.line_id = c.line_id
  left join lateral (select * from request r where r.caller_id = c.id order by (r.state in ('waiting', 'offered', 'matched')) desc, r.first_joined_at desc limit 1) r on true
  left join lateral (select * from conversation v where v.request_id = r.id order by v.started_at desc limit 1) v on true
  left join staff t on t.id = v.peer_id
  left join participant pp on pp.conversation_id = v.id and pp.party_id = v.peer_id
  left join participant pm on pm.conversation_id = v.id and pm.party_id = c.id
  ${talkingJoin('v')}
  ${escalationJoin('v')}
  ${invitationJoin('v')}
  ${nameJoin('c.id')}
  where c.id = any($1::uuid[])`;
/** What a caller sees of their own request and conversation: no id of anybody but the peer they talk with. */
export async function callerView(deps: Deps, actor: CallerActor): Promise<CallerView> {
  const now = deps.clock.now().toISOString();
  const [row] = await deps.reads.rows<Row>(statement, actor.id);
  const line = deps.lines.byId(actor.lineId);
  if (!row?.consented || !line) return { stage: 'none', now };
  const staffed = { peersOnShift: row.on_shift, taken: row.taken };
  const base = {
    now,
    lineSlug: line.config.slug,
    name: callerName(deps, actor.id, row),
    hasCode: row.has_code,
  };
  switch (row.state) {
    case 'waiting':
    case 'offered':
      return {
        ...base,
        stage: 'waiting',
        requestId: row.request_id ?? '',
        channel: row.channel ?? 'chat',
        calls: deps.media.calls(),
        joinedAt: row.first_joined_at?.toISOString() ?? now,
        place: toldPlace((row.ahead ?? 0) + 1),
        wait: null, // a range is shown once there is an honest one; a made-up number never
        offered: row.state === 'offered',
        ...staffed,
        returned: row.class === 0,
      };
    case 'left':
    case 'lapsed':
      return { ...base, stage: 'out', why: row.end_reason ?? row.state };
    case 'matched':
    case 'closed':
      break;
    default:
      return { ...base, stage: 'ready' };
  }
  if (!row.conversation_id) return { ...base, stage: 'ready' };
  if (row.c_state === 'ended') {
    return {
      ...base,
      stage: 'ended',
      conversationId: row.conversation_id,
      peerName: row.peer_name,
      endedBy: row.ended_by ?? 'system',
      surveyDone: row.survey_done,
      canAskAgain: openNow(deps, line, staffed).state === 'open',
    };
  }
  const held = deps.lines.byId(row.talk_line_id ?? line.id) ?? line; // it may have gone to another line (IN6)
  const escalation = await callerEscalation(deps, row, held);
  const called = await clinicians(deps, held);
  return {
    ...base,
    stage: 'talking',
    conversation: {
      id: row.conversation_id,
      me: actor.id,
      epoch: row.epoch,
      lastSeq: row.last_seq,
      channel: row.talk_channel,
      ...talkingOf(deps, row, { id: actor.id, side: 'caller', callerName: base.name }),
      startedAt: row.started_at.toISOString(),
      escalation,
      invitation: await callerInvitation(deps, row, held),
      canAskClinician: !escalation && called.length > 0,
      agreement: await agreementFor(deps, held, called),
      peerId: row.peer_id,
      peerName: row.peer_name,
      peerPresence: presenceOf(row.peer_lost_at),
      peerDueBackAt: row.peer_lost_at
        ? new Date(row.peer_lost_at.getTime() + deps.config.peerBackMs).toISOString()
        : null,
      peerMarks: { delivered: row.peer_delivered, read: row.peer_read },
      myMarks: { delivered: row.my_delivered, read: row.my_read },
    },
  };
}

/** Who would be called: a clinician is offered to callers while there is one (RO10). */
const clinicians = async (deps: Deps, line: Line): Promise<string[]> =>
  line.config.escalation ? (await deps.onCall.now(line.id)).people.map(({ id }) => id) : [];
