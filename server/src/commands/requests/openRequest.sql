-- Opens a request, or says why not, in one statement with its outbox and audit rows.
-- $1 id  $2 line  $3 caller  $4 channel  $5 now  $6 most waiting  $7 event (text)
-- returns one row: consented, staffed, waiting, live_id, known (this very request was opened before), opened_id, outbox_id
with guard as (
  select
    exists (select 1 from consent where caller_id = $3::uuid) as consented,
    exists (select 1 from peer_state where line_id = $2::uuid and state not in ('off', 'finishing')
            and ($4 <> 'phone' or 'voice' = any(channels))) as staffed, -- PH7: a page can be told to wait, a telephone cannot
    (select count(*)::int from request where line_id = $2::uuid and state = 'waiting') as waiting,
    (select id from request where caller_id = $3::uuid and state in ('waiting', 'offered', 'matched')) as live_id,
    exists (select 1 from request where id = $1::uuid and caller_id = $3::uuid) as known
), opened as (
  insert into request (id, line_id, caller_id, channel, state, first_joined_at)
  select $1::uuid, $2::uuid, $3::uuid, $4, 'waiting', $5::timestamptz
  from guard where consented and staffed and waiting < $6 and live_id is null
  on conflict do nothing
  returning id
), told as (
  insert into outbox (event, written_at) select $7::jsonb, $5::timestamptz from opened returning id
), audited as (
  insert into audit (at, actor_kind, actor_id, action, line_id, record_id)
  select $5::timestamptz, 'caller', $3::uuid, 'request.opened', $2::uuid, id from opened
)
select g.consented, g.staffed, g.waiting, g.live_id, g.known, o.id as opened_id, t.id as outbox_id
from guard g left join opened o on true left join told t on true
