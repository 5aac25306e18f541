-- Puts requests to peers: every pair whose request still waits and whose peer still has room becomes an offer, in one
-- statement with outbox, audit and due rows. Pairs that the rows refuse, those of another line, and a request's or a
-- peer's second pair are left out; the matcher picks again.
-- $1 offer ids  $2 request ids  $3 peer ids  $4 costs  $5 line  $6 now  $7 expires at
-- returns a row per offer made: offer_id, request_id, peer_id, caller_id, outbox_id
with pick as (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[]) with ordinality as p(offer_id, request_id, peer_id, cost, n)
), waiting as (
  select r.id, r.caller_id from request r
  where r.id in (select request_id from pick) and r.line_id = $5::uuid and r.state = 'waiting' and r.absent_since is null
  order by r.id for update
), free as (
  select s.staff_id, s.load from peer_state s
  where s.staff_id in (select p.peer_id from pick p join waiting w on w.id = p.request_id)
    and s.line_id = $5::uuid and s.state = 'available' and s.away_since is null
    and (s.rest_until is null or s.rest_until <= $6::timestamptz)
    and not exists (select 1 from offer o where o.peer_id = s.staff_id and o.state = 'pending')
  order by s.staff_id for update
), able as (
  select p.*, w.caller_id,
         row_number() over (partition by p.request_id order by p.n) as of_request,
         row_number() over (partition by p.peer_id order by p.n) as of_peer
  from pick p join waiting w on w.id = p.request_id join free f on f.staff_id = p.peer_id
  where f.load + p.cost <= 100
), good as (
  select * from able where of_request = 1 and of_peer = 1
), loaded as (
  update peer_state s set load = s.load + g.cost, rev = s.rev + 1 from good g
  where s.staff_id = g.peer_id and s.load + g.cost <= 100 returning s.staff_id
), moved as (
  update request r set state = 'offered', rev = r.rev + 1 from good g join loaded l on l.staff_id = g.peer_id
  where r.id = g.request_id and r.state = 'waiting' returning r.id
), made as (
  insert into offer (id, line_id, request_id, peer_id, state, cost, made_at, expires_at)
  select g.offer_id, $5::uuid, g.request_id, g.peer_id, 'pending', g.cost, $6::timestamptz, $7::timestamptz
  from good g join moved m on m.id = g.request_id
  returning id, request_id, peer_id
), timed as (
  insert into due (kind, subject_id, due_at) select 'offer.expire', id, $7::timestamptz from made
), told as (
  insert into outbox (event, written_at)
  select jsonb_build_object('type', 'offer.made', 'lineId', $5::uuid, 'requestId', m.request_id, 'offerId', m.id, 'peerId', m.peer_id, 'callerId', g.caller_id), $6::timestamptz
  from made m join good g on g.offer_id = m.id
  returning id, event
), audited as (
  insert into audit (at, actor_kind, action, line_id, record_id, detail)
  select $6::timestamptz, 'system', 'offer.made', $5::uuid, id, jsonb_build_object('requestId', request_id, 'peerId', peer_id) from made
)
select (t.event ->> 'offerId') as offer_id, (t.event ->> 'requestId') as request_id, (t.event ->> 'peerId') as peer_id,
       (t.event ->> 'callerId') as caller_id, t.id as outbox_id
from told t
