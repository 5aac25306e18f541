-- Stores a batch of messages of many conversations. Live state, epoch and membership are judged here, on the row that
-- gives the numbers, so that a refused epoch proves that nothing was stored. Known client ids are answered first.
-- $1 ord  $2 conversation ids  $3 sender ids  $4 client ids  $5 epochs  $6 ivs  $7 ciphertexts  $8 now
-- returns per stored or known input: ord, seq, sent_at, same (false: this client id came before with other bytes), fresh (stored now)
with input as (
  select * from unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::bytea[], $7::bytea[])
    as i(ord, conversation_id, sender_id, client_id, epoch, iv, ciphertext)
), known as (
  select i.ord, m.seq, m.sent_at, m.ciphertext = i.ciphertext and m.iv = i.iv as same
  from input i join message m on m.conversation_id = i.conversation_id and m.sender_id = i.sender_id and m.client_id = i.client_id
), fresh as (
  select i.*, row_number() over (partition by i.conversation_id order by i.ord) as n
  from input i
  join participant p on p.conversation_id = i.conversation_id and p.party_id = i.sender_id and p.left_at is null
  join conversation c on c.id = i.conversation_id and c.epoch = i.epoch and c.state = 'live'
  where not exists (select 1 from known k where k.ord = i.ord)
), counts as (
  select conversation_id, min(epoch) as epoch, count(*) as n from fresh group by conversation_id
), numbered as (
  update conversation c set last_seq = c.last_seq + k.n from counts k
  where c.id = k.conversation_id and c.state = 'live' and c.epoch = k.epoch
  returning c.id, c.last_seq - k.n as base
), stored as (
  insert into message (conversation_id, seq, sender_id, client_id, epoch, iv, ciphertext, sent_at)
  select f.conversation_id, n.base + f.n, f.sender_id, f.client_id, f.epoch, f.iv, f.ciphertext, $8::timestamptz
  from fresh f join numbered n on n.id = f.conversation_id
  returning conversation_id, sender_id, client_id, seq, sent_at
)
select i.ord, s.seq, s.sent_at, true as same, true as fresh
from stored s join input i on i.conversation_id = s.conversation_id and i.sender_id = s.sender_id and i.client_id = s.client_id
union all
select ord, seq, sent_at, same, false from known
