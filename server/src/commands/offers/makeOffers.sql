-- Puts requests to peers: every pair whose request still waits and whose peer still has room becomes an offer, in one
-- statement with outbox, audit and due rows. Pairs that the rows refuse, those of another line, and a request's or a
-- peer's second pair are left out, as is whoever a colleague asks just now; the matcher picks again.
-- Each step hands its rows on whole, so that none is looked up among the others: the cost goes with the number of pairs.
-- What a request costs its peer is worked out here, from what both are now: a chat its share, a call all of them.
-- $1 offer ids  $2 request ids  $3 peer ids  $4 line  $5 now  $6 expires at
-- returns a row per offer made: offer_id, request_id, peer_id, caller_id, outbox_id
with pick as (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as p(offer_id, request_id, peer_id, n)
), waiting as (
  select p.*, r.caller_id, r.channel from pick p join request r on r.id = p.request_id
  where r.line_id = $4::uuid and r.state = 'waiting' and r.absent_since is null
  order by r.id for update of r
), able as (
  select w.offer_id, w.request_id, w.peer_id, w.n, w.caller_id,
         case when w.channel = 'chat' then 100 / s.chat_limit else 100 end as cost
  from waiting w join peer_state s on s.staff_id = w.peer_id
  where s.line_id = $4::uuid and s.state = 'available' and s.away_since is null and s.load + case when w.channel = 'chat' then 100 / s.chat_limit else 100 end <= 100
    and (case when w.channel = 'phone' then 'voice' else w.channel end) = any(s.channels)
    and (s.rest_until is null or s.rest_until <= $5::timestamptz)
    and not exists (select 1 from offer o where o.peer_id = s.staff_id and o.state = 'pending')
    and (select i.rings_id from invitation i where i.rings_id = s.staff_id and i.state = 'ringing' limit 1) is null
  order by s.staff_id for update of s
), numbered as (
  select *, row_number() over (partition by request_id order by n) as of_request,
         row_number() over (partition by peer_id order by n) as of_peer
  from able
), loaded as (
  update peer_state s set load = s.load + g.cost, rev = s.rev + 1 from numbered g
  where g.of_request = 1 and g.of_peer = 1 and s.staff_id = g.peer_id and s.load + g.cost <= 100
  returning g.offer_id, g.request_id, g.peer_id, g.caller_id, g.cost
), moved as (
  update request r set state = 'offered', rev = r.rev + 1 from loaded l
  where r.id = l.request_id and r.state = 'waiting'
  returning l.offer_id, l.request_id, l.peer_id, l.caller_id, l.cost
), made as (
  insert into offer (id, line_id, request_id, peer_id, state, cost, made_at, expires_at)
  select offer_id, $4::uuid, request_id, peer_id, 'pending', cost, $5::timestamptz, $6::timestamptz from moved
), timed as (
  insert into due (kind, subject_id, due_at) select 'offer.expire', offer_id, $6::timestamptz from moved
), told as (
  insert into outbox (event, written_at)
  select jsonb_build_object('type', 'offer.made', 'lineId', $4::uuid, 'requestId', request_id, 'offerId', offer_id, 'peerId', peer_id, 'callerId', caller_id), $5::timestamptz
  from moved
  returning id, event
), audited as (
  insert into audit (at, actor_kind, action, line_id, record_id, detail)
  select $5::timestamptz, 'system', 'offer.made', $4::uuid, offer_id, jsonb_build_object('requestId', request_id, 'peerId', peer_id) from moved
)
select (t.event ->> 'offerId') as offer_id, (t.event ->> 'requestId') as request_id, (t.event ->> 'peerId') as peer_id,
       (t.event ->> 'callerId') as caller_id, t.id as outbox_id
from told t
