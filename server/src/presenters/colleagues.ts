import type { StaffNamed } from '@hearthline/shared/contracts/escalation';
import type { Channel } from '@hearthline/shared/contracts/ids';
import type { Colleagues } from '@hearthline/shared/contracts/invitation';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import { takenAs } from '@hearthline/shared/domain/routing/pickMatches';
import { coordinatorsFor, isHere } from '../onCall/coordinatorsFor.ts';
import type { Deps } from '../deps.ts';
import type { StaffActor } from '../policies/actor.ts';

/** More are not shown: whoever is free is found without being named. */
const mostPeers = 40;
type Peer = {
  id: string;
  name: string;
  title: string | null;
  line_id: string;
  away: boolean;
  off: boolean;
  resting: boolean;
  free: boolean;
};

/** [IN1] Whom the holder of this talk could ask in: colleagues of its line by name, and how many are free on each line. */
export async function colleaguesFor(
  deps: Deps,
  actor: StaffActor,
  conversationId: string,
): Promise<Result<Colleagues>> {
  const found = await deps.sql.query<{ line_id: string; channel: Channel }>(
    `select c.line_id, c.channel from conversation c
     where c.id = $1 and c.state = 'live' and c.side_of is null and c.peer_id = $2`,
    [conversationId, actor.id],
  );
  const [talk] = found.rows;
  if (!talk) return refuse('conversation.gone');
  const { rows } = await deps.sql.query<Peer>(
    `select s.staff_id as id, t.name, t.title, s.line_id, s.away_since is not null as away, s.state <> 'available' as off, s.rest_until > $3 as resting,
       s.load + case when $4 = 'chat' then 100 / s.chat_limit else 100 end <= 100 and $5 = any(s.channels)
         and not exists (select 1 from offer o where o.peer_id = s.staff_id and o.state = 'pending')
         and not exists (select 1 from invitation i where i.rings_id = s.staff_id and i.state = 'ringing') as free
     from peer_state s join staff t on t.id = s.staff_id
     where s.state <> 'off' and t.suspended_at is null
       and not exists (select 1 from participant p where p.conversation_id = $1 and p.party_id = s.staff_id and p.left_at is null)
       and not exists (select 1 from wrap_up w where w.conversation_id = $1 and w.peer_id = s.staff_id and w.state = 'due')
       and s.staff_id <> $2
     order by t.name, s.staff_id`,
    [conversationId, actor.id, deps.clock.now(), talk.channel, takenAs(talk.channel)],
  );
  const peers = rows.map((r) => ({ ...r, now: nowOf(r) }));
  const lines = deps.lines.all().map((line) => ({
    id: line.id,
    name: line.config.name,
    own: line.id === talk.line_id,
    free: peers.filter((p) => p.line_id === line.id && p.now === 'free').length,
  }));
  const coordinators: StaffNamed[] = [];
  for (const one of await coordinatorsFor(deps.sql, { line_id: talk.line_id, talkId: conversationId }))
    if (await isHere(deps, one.id)) coordinators.push(one);
  return ok({
    coordinators,
    peers: peers
      .filter((p) => p.line_id === talk.line_id)
      .sort((a, b) => Number(b.now === 'free') - Number(a.now === 'free'))
      .slice(0, mostPeers)
      .map(({ id, name, title, now }) => ({ id, name, title, now })),
    lines: lines.sort((a, b) => Number(b.own) - Number(a.own) || a.name.localeCompare(b.name)),
  });
}

function nowOf({ away, off, resting, free }: Peer): Colleagues['peers'][number]['now'] {
  if (away) return 'away';
  if (off) return 'break';
  if (resting) return 'resting';
  return free ? 'free' : 'busy';
}
