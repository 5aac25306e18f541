import type { DeskConversation, DeskOffer, DeskView, PeerState } from '@hearthline/shared/contracts/views';
import type { Deps } from '../deps.ts';
import { sealedColumns, type SealedColumns } from '../keys/recordKeys.ts';
import { nameJoin, nameOf } from './callerName.ts';
import type { StaffActor } from '../policies/actor.ts';
import { presenceOf } from './presence.ts';

type PeerRow = {
  line_id: string;
  state: PeerState;
  chat_limit: number;
  missed_offer: boolean;
  rest_until: Date | null;
  shift_started_at: Date | null;
  waiting: number;
};
type OfferRow = SealedColumns & {
  id: string;
  channel: 'chat';
  caller_id: string;
  first_joined_at: Date;
  made_at: Date;
  expires_at: Date;
  returning: boolean;
};
type TalkRow = SealedColumns & {
  id: string;
  caller_id: string;
  state: 'live' | 'ended';
  epoch: number;
  last_seq: number;
  channel: 'chat';
  started_at: Date;
  ended_at: Date | null;
  ended_by: 'caller' | 'peer' | 'system' | null;
  due_at: Date | null;
  caller_lost_at: Date | null;
  returning: boolean;
  caller_delivered: number;
  caller_read: number;
  my_delivered: number;
  my_read: number;
};
const returning = (alias: string) =>
  `(exists (select 1 from conversation e where e.caller_id = ${alias}.caller_id and e.state = 'ended'))`;

/** How many wait is counted once a line, however many desks are asked about. */
const ofPeer = `
  with lines as materialized (
    select l.line_id, (select count(*)::int from request r where r.line_id = l.line_id and r.state in ('waiting', 'offered')) as n
    from (select distinct line_id from peer_state where staff_id = any($1::uuid[])) l
  )
  select s.staff_id as key, s.line_id, s.state, s.chat_limit, s.missed_offer, s.rest_until, h.started_at as shift_started_at,
         (select n from lines where lines.line_id = s.line_id) as waiting
  from peer_state s left join shift h on h.id = s.shift_id where s.staff_id = any($1::uuid[])`;
const offersTo = `
  select o.peer_id as key, o.id, r.channel, r.caller_id, r.first_joined_at, o.made_at, o.expires_at, ${returning('r')} as returning, ${sealedColumns}
  from offer o join request r on r.id = o.request_id ${nameJoin('r.caller_id')} where o.peer_id = any($1::uuid[]) and o.state = 'pending'`;
const talksOf = `
  select c.peer_id as key, c.id, c.caller_id, c.state, c.epoch, c.last_seq, c.channel, c.started_at, c.ended_at, c.ended_by, w.due_at, c.caller_lost_at,
         (exists (select 1 from conversation e where e.caller_id = c.caller_id and e.state = 'ended' and e.id <> c.id)) as returning,
         pc.delivered_seq as caller_delivered, pc.read_seq as caller_read, pm.delivered_seq as my_delivered, pm.read_seq as my_read, ${sealedColumns}
  from (select id from conversation where peer_id = any($1::uuid[]) and state = 'live'
        union all select conversation_id from wrap_up where peer_id = any($1::uuid[]) and state = 'due') shown
  join conversation c on c.id = shown.id
  join participant pm on pm.conversation_id = c.id and pm.party_id = c.peer_id
  join participant pc on pc.conversation_id = c.id and pc.party_id = c.caller_id
  left join wrap_up w on w.conversation_id = c.id and w.state = 'due'
  ${nameJoin('c.caller_id')} order by c.started_at`;

/** The peer's whole desk: own state, offers put to them, own live conversations and wrap-ups. Nobody else's. */
export async function deskView(deps: Deps, actor: StaffActor): Promise<DeskView> {
  const at = deps.clock.now();
  const [[peer], offers, talks] = await Promise.all([
    deps.reads.rows<PeerRow>(ofPeer, actor.id),
    deps.reads.rows<OfferRow>(offersTo, actor.id),
    deps.reads.rows<TalkRow>(talksOf, actor.id),
  ]);
  const line = peer
    ? deps.lines.byId(peer.line_id)
    : (deps.lines.all().find((l) => actor.lineIds.includes(l.id)) ?? null);
  const names = new Map<string, string | null>();
  for (const row of actor.locked ? [] : [...offers, ...talks])
    if (!names.has(row.caller_id)) names.set(row.caller_id, await nameOf(deps, actor, row));
  const state = peer?.state ?? 'off';
  return {
    now: at.toISOString(),
    me: {
      id: actor.id,
      name: actor.name,
      roles: [...actor.roles],
      locked: actor.locked,
      lockAfterSeconds: deps.config.lockAfterSeconds,
    },
    line: line && {
      id: line.id,
      slug: line.config.slug,
      name: line.config.name,
      shortName: line.config.shortName,
      crisisCard: line.config.crisisCard,
      crisis: line.config.crisis[0]?.contacts ?? [],
      topics: line.config.wrapUp.topics,
      outcomes: line.config.wrapUp.outcomes,
      retentionDays: line.config.retentionDays,
      restMinutes: line.config.restMinutes,
    },
    peer: {
      state,
      missedOffer: peer?.missed_offer ?? false,
      restUntil: peer?.rest_until && peer.rest_until > at ? peer.rest_until.toISOString() : null,
      shiftStartedAt: peer?.shift_started_at?.toISOString() ?? null,
      chats: talks.length,
      chatLimit: peer?.chat_limit ?? line?.config.chatsPerPeer ?? 1,
      can:
        state === 'off'
          ? line
            ? ['shift.start']
            : []
          : [...(talks.length === 0 ? (['shift.end'] as const) : []), 'peer.setState', 'peer.setLimit'],
    },
    waitingCount: peer?.waiting ?? 0,
    offers: offers.map((o): DeskOffer => ({
      id: o.id,
      channel: o.channel,
      name: names.get(o.caller_id) ?? null,
      joinedAt: o.first_joined_at.toISOString(),
      madeAt: o.made_at.toISOString(),
      expiresAt: o.expires_at.toISOString(),
      returning: o.returning,
    })),
    conversations: talks.map((c): DeskConversation => ({
      id: c.id,
      me: actor.id,
      callerId: c.caller_id,
      state: c.state === 'live' ? 'live' : 'wrapUp',
      epoch: c.epoch,
      lastSeq: c.last_seq,
      channel: c.channel,
      name: names.get(c.caller_id) ?? null,
      startedAt: c.started_at.toISOString(),
      endedAt: c.ended_at?.toISOString() ?? null,
      endedBy: c.ended_by,
      wrapUpDueAt: c.due_at?.toISOString() ?? null,
      callerPresence: presenceOf(c.caller_lost_at),
      returning: c.returning,
      callerMarks: { delivered: c.caller_delivered, read: c.caller_read },
      myMarks: { delivered: c.my_delivered, read: c.my_read },
    })),
  };
}
