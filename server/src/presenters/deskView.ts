import type { Channel, TalkChannel } from '@hearthline/shared/contracts/ids';
import type { DeskOffer, DeskView, PeerState } from '@hearthline/shared/contracts/views';
import type { Deps } from '../deps.ts';
import { sealedColumns, type SealedColumns } from '../keys/recordKeys.ts';
import { nameJoin, nameOf } from './callerName.ts';
import type { StaffActor } from '../policies/actor.ts';
import { deskInvitations } from './invitation.ts';
import { talksIn } from './talksIn.ts';

type PeerRow = {
  line_id: string;
  state: PeerState;
  chat_limit: number;
  channels: TalkChannel[];
  missed_offer: boolean;
  rest_until: Date | null;
  shift_started_at: Date | null;
  waiting: number;
};
type OfferRow = SealedColumns & {
  id: string;
  channel: Channel;
  caller_id: string;
  first_joined_at: Date;
  made_at: Date;
  expires_at: Date;
  returning: boolean;
};
const returning = (alias: string) =>
  `(exists (select 1 from conversation e where e.caller_id = ${alias}.caller_id and e.state = 'ended'))`;

/** How many wait is counted once a line, however many desks are asked about. */
const ofPeer = `
  with lines as materialized (
    select l.line_id, (select count(*)::int from request r where r.line_id = l.line_id and r.state in ('waiting', 'offered')) as n
    from (select distinct line_id from peer_state where staff_id = any($1::uuid[])) l
  )
  select s.staff_id as key, s.line_id, s.state, s.chat_limit, s.channels, s.missed_offer, s.rest_until, h.started_at as shift_started_at,
         (select n from lines where lines.line_id = s.line_id) as waiting
  from peer_state s left join shift h on h.id = s.shift_id where s.staff_id = any($1::uuid[])`;
const offersTo = `
  select o.peer_id as key, o.id, r.channel, r.caller_id, r.first_joined_at, o.made_at, o.expires_at, ${returning('r')} as returning, ${sealedColumns}
  from offer o join request r on r.id = o.request_id ${nameJoin('r.caller_id')} where o.peer_id = any($1::uuid[]) and o.state = 'pending'`;
/** The peer's whole desk: own state, offers put to them, own live conversations and wrap-ups. Nobody else's. */
export async function deskView(deps: Deps, actor: StaffActor): Promise<DeskView> {
  const at = deps.clock.now();
  const [[peer], offers, invitations, talks] = await Promise.all([
    deps.reads.rows<PeerRow>(ofPeer, actor.id),
    deps.reads.rows<OfferRow>(offersTo, actor.id),
    deskInvitations(deps, actor.id),
    talksIn(deps, actor),
  ]);
  const line = peer
    ? deps.lines.byId(peer.line_id)
    : (deps.lines.all().find((l) => actor.lineIds.includes(l.id)) ?? null);
  const names = new Map<string, string | null>();
  for (const row of actor.locked ? [] : offers) names.set(row.caller_id, await nameOf(deps, actor, row));
  // a call as a clinician, and advice beside a talk, take no room of a peer
  const chats = talks.filter((c) => c.as === 'peer' && !c.sideOf).length;
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
      onCall: line.config.escalation ? await deps.onCall.now(line.id) : null,
      protocol: line.config.escalation?.protocol ?? [],
    },
    peer: {
      state,
      missedOffer: peer?.missed_offer ?? false,
      restUntil: peer?.rest_until && peer.rest_until > at ? peer.rest_until.toISOString() : null,
      shiftStartedAt: peer?.shift_started_at?.toISOString() ?? null,
      chats,
      chatLimit: peer?.chat_limit ?? line?.config.chatsPerPeer ?? 1,
      channels: peer?.channels ?? ['chat', 'voice', 'video'],
      can:
        state === 'off'
          ? line && actor.roles.includes('peer')
            ? ['shift.start']
            : []
          : [...(chats === 0 ? (['shift.end'] as const) : []), 'peer.setState', 'peer.setLimit', 'peer.setChannels'],
    },
    waitingCount: peer?.waiting ?? 0,
    offers: offers.map((o): DeskOffer => ({
      id: o.id,
      channel: o.channel,
      calls: deps.media.calls(),
      name: names.get(o.caller_id) ?? null,
      joinedAt: o.first_joined_at.toISOString(),
      madeAt: o.made_at.toISOString(),
      expiresAt: o.expires_at.toISOString(),
      returning: o.returning,
    })),
    invitations,
    conversations: talks,
  };
}
