-- Stores new messages of many conversations, those of one conversation side by side and in order. State, epoch and
-- membership are judged here, on the row that gives the numbers; a conversation of which anything is refused is left out as
-- a whole. A client id that came before breaks the unique index, and with it the whole statement.
-- No join but by key, and arrays are read by position: the cost of a message does not grow with the batch. Live is read from
-- ended_at, for which there is no index: nothing but the key is left to plan with, however little is known of the tables.
-- A row per conversation: $1 ids, ascending  $2 epochs  $3 positions of the first message, from 1  $4 of the last
-- A position per message: $5 sender ids  $6 client ids  $7 ivs, 12 bytes each  $8 ciphertexts, one behind the other
-- $9 where each ciphertext begins, from 1  $10 its bytes;  $11 now. Bytes come as they are: written out as the elements of an
-- array they would be twice as long, and read from its start for each position.
-- returns per conversation that was stored: its position in $1, from 0, and the sequence number of its first message
with input as (
  select * from unnest($1::uuid[], $2::int[], $3::int[], $4::int[]) with ordinality as i(id, epoch, first, last, ord)
), numbered as (
  update conversation c set last_seq = c.last_seq + i.last - i.first + 1 from input i
  where c.id = i.id and c.ended_at is null and c.epoch = i.epoch
    and not exists (
      select 1 from generate_series(i.first, i.last) as at
      where not exists (
        select 1 from participant p where p.conversation_id = i.id and p.party_id = ($5::uuid[])[at] and p.left_at is null))
  returning i.id, i.ord, i.epoch, i.first, i.last, c.last_seq - (i.last - i.first) as seq
), stored as (
  insert into message (conversation_id, seq, sender_id, client_id, epoch, iv, ciphertext, sent_at)
  select n.id, n.seq + at - n.first, ($5::uuid[])[at], ($6::uuid[])[at], n.epoch, substring($7::bytea from at * 12 - 11 for 12),
         substring($8::bytea from ($9::int[])[at] for ($10::int[])[at]), $11::timestamptz
  from numbered n cross join lateral generate_series(n.first, n.last) as at
)
select (ord - 1)::int as ord, seq from numbered
