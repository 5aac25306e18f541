-- Claims pages that are due, the oldest of each kind first, for whoever sends them now. Rows that another sender holds are left to it.
-- $1 now, $2 kinds, $3 how many of each there is room for
-- Returns a row a claimed page; `needed` is false where nobody waits for an answer to it any more.
with room as (
  select * from unnest($2::text[], $3::int[]) as r(kind, most)
), picked as (
  select p.id from room cross join lateral (
    select q.id from page q where q.state = 'due' and q.kind = room.kind order by q.made_at limit room.most for update skip locked
  ) p
), claimed as (
  update page set state = 'sending', claimed_at = $1 from picked
  where page.id = picked.id and page.state = 'due'
  returning page.id, page.kind, page.staff_id, page.means_id, page.escalation_id
)
select c.id, c.kind, c.staff_id, c.means_id, c.escalation_id, m.address, m.removed_at is not null as removed,
  e.line_id, e.id is null or e.state in ('paging', 'exhausted') as needed
from claimed c join means m on m.id = c.means_id left join escalation e on e.id = c.escalation_id
