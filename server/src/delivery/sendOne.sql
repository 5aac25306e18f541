-- The same for a batch of one, without the arrays.
-- $1 conversation  $2 sender  $3 client id  $4 epoch  $5 iv  $6 ciphertext  $7 now
with known as (
  select seq, sent_at, ciphertext = $6::bytea and iv = $5::bytea as same from message where conversation_id = $1::uuid and sender_id = $2::uuid and client_id = $3::uuid
), numbered as (
  update conversation c set last_seq = c.last_seq + 1
  where c.id = $1::uuid and c.state = 'live' and c.epoch = $4
    and not exists (select 1 from known)
    and exists (select 1 from participant p where p.conversation_id = $1::uuid and p.party_id = $2::uuid and p.left_at is null)
  returning c.last_seq
), stored as (
  insert into message (conversation_id, seq, sender_id, client_id, epoch, iv, ciphertext, sent_at)
  select $1::uuid, n.last_seq, $2::uuid, $3::uuid, $4, $5::bytea, $6::bytea, $7::timestamptz from numbered n
  returning seq, sent_at
)
select 0 as ord, seq, sent_at, true as same, true as fresh from stored union all select 0, seq, sent_at, same, false from known
