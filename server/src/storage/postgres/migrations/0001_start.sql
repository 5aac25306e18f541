-- Every table names its retention class in a comment ("class: …"); a table without one fails the tests (V2).

create table line (
  id uuid primary key,
  slug text not null unique,
  config jsonb not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
comment on table line is 'class: directory';

create table staff (
  id uuid primary key,
  auth_user_id text not null unique,
  name text not null,
  email text not null,
  roles text[] not null,
  suspended_at timestamptz,
  created_at timestamptz not null
);
comment on table staff is 'class: directory';

create table staff_line (
  staff_id uuid not null references staff,
  line_id uuid not null references line,
  primary key (staff_id, line_id)
);
comment on table staff_line is 'class: directory';

create table shift (
  id uuid primary key,
  staff_id uuid not null references staff,
  line_id uuid not null references line,
  started_at timestamptz not null,
  ended_at timestamptz
);
create unique index shift_one_open on shift (staff_id) where ended_at is null;
comment on table shift is 'class: operations';

-- One row per peer who was ever on shift. load is in hundredths of a peer; the limit is 100 (I5).
create table peer_state (
  staff_id uuid primary key references staff,
  line_id uuid not null references line,
  state text not null check (state in ('available', 'break', 'minute', 'finishing', 'paused', 'off')),
  load int not null default 0 check (load between 0 and 100),
  chat_limit int not null check (chat_limit between 1 and 6),
  shift_id uuid references shift,
  missed_offer boolean not null default false,
  rest_until timestamptz,
  last_live_at timestamptz,
  away_since timestamptz,
  rev bigint not null default 0,
  check ((state = 'off') = (shift_id is null))
) with (fillfactor = 70);
create index peer_state_line on peer_state (line_id) where state <> 'off';
comment on table peer_state is 'class: operations';

-- The anonymous person behind sessions. Ids and times only; a chosen name lies in sealed_field.
create table caller (
  id uuid primary key,
  line_id uuid not null references line,
  created_at timestamptz not null,
  seen_at timestamptz not null
);
comment on table caller is 'class: conversation';

create table caller_session (
  token_hash bytea primary key,
  caller_id uuid not null references caller on delete cascade,
  created_at timestamptz not null,
  ended_at timestamptz
);
create index caller_session_caller on caller_session (caller_id) where ended_at is null;
comment on table caller_session is 'class: conversation';

create table consent (
  id uuid primary key,
  caller_id uuid not null references caller on delete cascade,
  version int not null,
  given_at timestamptz not null
);
comment on table consent is 'class: conversation';

create table return_code (
  caller_id uuid primary key references caller on delete cascade,
  code_hash bytea not null unique,
  created_at timestamptz not null
);
comment on table return_code is 'class: conversation';

create sequence guest_number;

create table request (
  id uuid primary key,
  line_id uuid not null references line,
  caller_id uuid not null references caller on delete cascade,
  guest int not null default (nextval('guest_number') % 999 + 1),
  channel text not null check (channel in ('chat', 'voice', 'video', 'phone')),
  state text not null check (state in ('waiting', 'offered', 'matched', 'left', 'lapsed', 'closed')),
  -- 0 = returned to the head of the line, 1 = everybody else
  class smallint not null default 1,
  first_joined_at timestamptz not null,
  answered_at timestamptz,
  ended_at timestamptz,
  absent_since timestamptz,
  rev bigint not null default 1
) with (fillfactor = 70);
create unique index request_one_live on request (caller_id) where state in ('waiting', 'offered', 'matched');
create index request_queue on request (line_id, class, first_joined_at, id) where state = 'waiting';
create index request_day on request (line_id, first_joined_at);
comment on table request is 'class: conversation';

-- Pairs that must not meet: "I know this person" for good, "not now" for a minute.
create table request_exclusion (
  request_id uuid not null references request on delete cascade,
  peer_id uuid not null references staff,
  why text not null check (why in ('recused', 'declined')),
  at timestamptz not null,
  primary key (request_id, peer_id)
);
comment on table request_exclusion is 'class: conversation';

create table offer (
  id uuid primary key,
  line_id uuid not null references line,
  request_id uuid not null references request on delete cascade,
  peer_id uuid not null references staff,
  state text not null check (state in ('pending', 'accepted', 'declined', 'expired', 'rescinded')),
  cost int not null check (cost between 1 and 100),
  made_at timestamptz not null,
  expires_at timestamptz not null,
  resolved_at timestamptz,
  check ((state = 'pending') = (resolved_at is null))
);
create unique index offer_one_per_request on offer (request_id) where state = 'pending';
create unique index offer_one_per_peer on offer (peer_id) where state = 'pending';
comment on table offer is 'class: conversation';

create table conversation (
  id uuid primary key,
  line_id uuid not null references line,
  request_id uuid not null references request on delete cascade,
  caller_id uuid not null references caller on delete cascade,
  peer_id uuid not null references staff,
  channel text not null,
  state text not null check (state in ('live', 'ended')),
  cost int not null check (cost between 1 and 100),
  epoch int not null default 1,
  last_seq bigint not null default 0,
  started_at timestamptz not null,
  ended_at timestamptz,
  ended_by text check (ended_by in ('caller', 'peer', 'system')),
  end_reason text,
  caller_lost_at timestamptz,
  peer_lost_at timestamptz,
  purge_due_at timestamptz,
  check ((state = 'ended') = (ended_at is not null))
) with (fillfactor = 50);
create unique index conversation_one_per_caller on conversation (caller_id) where state = 'live';
create index conversation_peer on conversation (peer_id) where state = 'live';
create index conversation_line on conversation (line_id) where state = 'live';
create index conversation_of_caller on conversation (caller_id, started_at desc);
create index conversation_purge on conversation (purge_due_at) where purge_due_at is not null;
comment on table conversation is 'class: conversation';

create table participant (
  conversation_id uuid not null references conversation on delete cascade,
  party_id uuid not null,
  role text not null check (role in ('caller', 'peer')),
  from_epoch int not null default 1,
  left_at timestamptz,
  delivered_seq bigint not null default 0,
  read_seq bigint not null default 0,
  primary key (conversation_id, party_id)
) with (fillfactor = 70);
comment on table participant is 'class: conversation';

create table message (
  conversation_id uuid not null references conversation on delete cascade,
  seq bigint not null,
  sender_id uuid not null,
  client_id uuid not null,
  epoch int not null,
  iv bytea not null,
  ciphertext bytea not null,
  sent_at timestamptz not null,
  primary key (conversation_id, seq),
  unique (conversation_id, sender_id, client_id)
);
comment on table message is 'class: conversation';

create table epoch_key (
  conversation_id uuid not null,
  epoch int not null,
  line_id uuid not null,
  kek_day date not null,
  wrapped bytea not null,
  primary key (conversation_id, epoch)
);
create index epoch_key_day on epoch_key (kek_day);
comment on table epoch_key is 'class: conversation';

create table record_key (
  owner_kind text not null,
  owner_id uuid not null,
  line_id uuid not null,
  kek_day date not null,
  wrapped bytea not null,
  primary key (owner_kind, owner_id)
);
create index record_key_day on record_key (kek_day);
comment on table record_key is 'class: conversation';

create table sealed_field (
  owner_kind text not null,
  owner_id uuid not null,
  field text not null,
  sealed bytea not null,
  written_at timestamptz not null,
  primary key (owner_kind, owner_id, field)
);
comment on table sealed_field is 'class: conversation';

create table wrap_up (
  conversation_id uuid primary key references conversation on delete cascade,
  line_id uuid not null references line,
  peer_id uuid not null references staff,
  state text not null check (state in ('due', 'done')),
  due_at timestamptz not null,
  topic text,
  outcome text,
  strain smallint check (strain between 1 and 5),
  debrief boolean,
  submitted_at timestamptz,
  check ((state = 'done') = (submitted_at is not null))
);
create index wrap_up_due on wrap_up (peer_id) where state = 'due';
comment on table wrap_up is 'class: conversation';

create table survey (
  conversation_id uuid primary key references conversation on delete cascade,
  heard smallint check (heard between 1 and 5),
  hope smallint check (hope between 1 and 5),
  connection smallint check (connection between 1 and 5),
  submitted_at timestamptz not null
);
comment on table survey is 'class: conversation';

-- Every timer is a row. BullMQ makes it prompt, the sweeper makes it certain.
create table due (
  kind text not null,
  subject_id uuid not null,
  due_at timestamptz not null,
  primary key (kind, subject_id)
);
create index due_at on due (due_at);
comment on table due is 'class: operations';

create table outbox (
  id bigint generated always as identity primary key,
  event jsonb not null,
  written_at timestamptz not null,
  dispatched_at timestamptz
);
create index outbox_open on outbox (written_at) where dispatched_at is null;
comment on table outbox is 'class: operations';

create table command_log (
  actor_id uuid not null,
  command_id uuid not null,
  name text not null,
  input_hash bytea not null,
  answer jsonb,
  at timestamptz not null,
  primary key (actor_id, command_id)
);
create index command_log_at on command_log (at);
comment on table command_log is 'class: operations';

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor_kind text not null,
  actor_id uuid,
  action text not null,
  line_id uuid,
  record_id uuid,
  detail jsonb not null default '{}',
  xid xid8 not null default pg_current_xact_id()
);
create index audit_xid on audit (xid);
comment on table audit is 'class: audit';

create table audit_seal (
  id bigint generated always as identity primary key,
  audit_ids bigint[] not null,
  -- the seal covers every committed audit row of a transaction below this one and not below the seal before
  below_xid xid8 not null,
  hash bytea not null,
  previous bytea not null,
  sealed_at timestamptz not null
);
comment on table audit_seal is 'class: audit';

create function refuse_change() returns trigger language plpgsql as
  $$ begin raise exception 'audit rows are never changed'; end $$;
create trigger audit_fixed before update or delete on audit for each row execute function refuse_change();
create trigger audit_seal_fixed before update or delete on audit_seal for each row execute function refuse_change();

create table node (
  id uuid primary key,
  role text not null check (role in ('server', 'worker')),
  seen_at timestamptz not null,
  has_redis boolean not null
);
comment on table node is 'class: operations';
