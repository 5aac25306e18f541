import type { Channel } from '@hearthline/shared/contracts/ids';
import type { BoardView, PeerState } from '@hearthline/shared/contracts/views';
import { openStateOf } from '@hearthline/shared/domain/hours';
import type { Deps } from '../deps.ts';
import { nodesAlive } from '../due/heartbeat.ts';
import type { Line } from '../storage/postgres/lines.store.ts';
import { boardEscalations } from './boardEscalations.ts';
import { boardOnCall } from './boardOnCall.ts';
import { presenceOf } from './presence.ts';

const mostRows = 200;
type Waiting = {
  id: string;
  guest: number;
  channel: Channel;
  first_joined_at: Date;
  class: number;
  absent_since: Date | null;
  offered_to: string | null;
  expires_at: Date | null;
};
type Peer = {
  id: string;
  name: string;
  state: PeerState;
  away_since: Date | null;
  rest_until: Date | null;
  chats: number;
  chat_limit: number;
  load: number;
};
type Talk = {
  id: string;
  guest: number;
  peer_name: string;
  channel: Channel;
  started_at: Date;
  state: 'live' | 'ended';
  caller_lost_at: Date | null;
  peer_lost_at: Date | null;
};
type Day = {
  asked: number;
  left: number;
  answered: number;
  in_target: number;
  waiting: number;
  past: number;
  oldest: Date | null;
};

/** The line at a glance: numbers, states, times, guest numbers. No name a caller gave, no word of theirs. */
export async function boardView(deps: Deps, line: Line): Promise<BoardView> {
  const at = deps.clock.now();
  const targetMs = line.config.targetWaitMinutes * 60_000;
  const [waiting, peers, talks, day, nodes, onCall, escalations] = await Promise.all([
    deps.sql.query<Waiting>(
      `select r.id, r.guest, r.channel, r.first_joined_at, r.class, r.absent_since, t.name as offered_to, o.expires_at
       from request r left join offer o on o.request_id = r.id and o.state = 'pending' left join staff t on t.id = o.peer_id
       where r.line_id = $1 and r.state in ('waiting', 'offered') order by r.class, r.first_joined_at, r.id limit ${mostRows}`,
      [line.id],
    ),
    deps.sql.query<Peer>(
      `select s.staff_id as id, t.name, s.state, s.away_since, s.rest_until, s.chat_limit, s.load,
              (select count(*)::int from participant p join conversation c on c.id = p.conversation_id
               where p.party_id = s.staff_id and p.role = 'peer' and p.left_at is null and c.side_of is null) as chats
       from peer_state s join staff t on t.id = s.staff_id where s.line_id = $1 and s.state <> 'off' order by t.name limit ${mostRows}`,
      [line.id],
    ),
    deps.sql.query<Talk>(
      `select c.id, r.guest, t.name as peer_name, c.channel, c.started_at, c.state, c.caller_lost_at, c.peer_lost_at
       from (select id from conversation where line_id = $1 and state = 'live'
             union select conversation_id from wrap_up where line_id = $1 and state = 'due') shown
       join conversation c on c.id = shown.id join request r on r.id = c.request_id join staff t on t.id = c.peer_id order by c.started_at limit ${mostRows}`,
      [line.id],
    ),
    deps.sql.query<Day>(
      `select count(*)::int as asked, count(*) filter (where state in ('left', 'lapsed') and answered_at is null)::int as left,
              count(*) filter (where answered_at is not null)::int as answered,
              count(*) filter (where answered_at - first_joined_at <= $3::double precision * interval '1 millisecond')::int as in_target,
              count(*) filter (where state in ('waiting', 'offered'))::int as waiting,
              count(*) filter (where state in ('waiting', 'offered') and first_joined_at < $2::timestamptz - $3::double precision * interval '1 millisecond')::int as past,
              min(first_joined_at) filter (where state in ('waiting', 'offered')) as oldest
       from request where line_id = $1 and (first_joined_at >= date_trunc('day', $2::timestamptz at time zone $4) at time zone $4 or state in ('waiting', 'offered'))`,
      [line.id, at, targetMs, line.config.timeZone],
    ),
    nodesAlive(deps),
    boardOnCall(deps, line, at),
    boardEscalations(deps, line),
  ]);
  const d = day.rows[0];
  const isFree = (p: Peer) =>
    p.state === 'available' &&
    !p.away_since &&
    !(p.rest_until && p.rest_until > at) &&
    p.load + Math.floor(100 / p.chat_limit) <= 100;
  return {
    now: at.toISOString(),
    line: {
      id: line.id,
      slug: line.config.slug,
      name: line.config.name,
      open: openStateOf(
        line.config,
        at,
        peers.rows.filter((p) => p.away_since === null && p.state !== 'finishing').length,
      ).state,
      targetMinutes: line.config.targetWaitMinutes,
    },
    workersDown: nodes.workers === 0,
    calls: deps.media.calls(),
    onCall,
    escalations,
    measures: {
      waiting: d?.waiting ?? 0,
      pastTarget: d?.past ?? 0,
      longestWaitSince: d?.oldest?.toISOString() ?? null,
      conversations: talks.rows.filter((t) => t.state === 'live').length,
      peersFree: peers.rows.filter(isFree).length,
      inTargetPercent: d && d.answered > 0 ? Math.round((100 * d.in_target) / d.answered) : null,
      leftToday: d?.left ?? 0,
      askedToday: d?.asked ?? 0,
    },
    waiting: waiting.rows.map((r) => ({
      id: r.id,
      guest: r.guest,
      channel: r.channel,
      joinedAt: r.first_joined_at.toISOString(),
      returned: r.class === 0,
      absent: r.absent_since !== null,
      offeredTo: r.offered_to,
      offerExpiresAt: r.expires_at?.toISOString() ?? null,
    })),
    waitingMore: Math.max(0, (d?.waiting ?? 0) - waiting.rows.length),
    peers: peers.rows.map((p) => ({
      id: p.id,
      name: p.name,
      state: p.state,
      here: !p.away_since,
      resting: Boolean(p.rest_until && p.rest_until > at),
      chats: p.chats,
      chatLimit: p.chat_limit,
    })),
    conversations: talks.rows.map((t) => ({
      id: t.id,
      guest: t.guest,
      peerName: t.peer_name,
      channel: t.channel,
      startedAt: t.started_at.toISOString(),
      state: t.state === 'live' ? 'live' : 'wrapUp',
      callerPresence: presenceOf(t.caller_lost_at),
      peerPresence: presenceOf(t.peer_lost_at),
    })),
  };
}
