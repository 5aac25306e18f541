-- What callers are told of somebody beside the name: "nurse".
alter table staff add column title text;

-- On call: layers of a line (primary, backup, …), who is on by a recurring rotation, and days that are otherwise.
create table on_call_layer (
  id uuid primary key,
  line_id uuid not null references line,
  name text not null,
  position int not null check (position >= 1),
  unique (line_id, name) deferrable initially deferred,
  unique (line_id, position) deferrable initially deferred
);
comment on table on_call_layer is 'class: directory';

create table on_call_rotation (
  id uuid primary key,
  layer_id uuid not null references on_call_layer on delete cascade,
  position int not null check (position >= 1),
  time_zone text not null,
  -- wall clock of that zone, without an offset: 2026-11-02T09:00
  starts text not null,
  -- of the hand-overs, RFC 5545: FREQ=WEEKLY;BYDAY=MO
  recurrence text not null,
  -- of wall clock, from a hand-over; null: until the next one
  minutes int check (minutes between 15 and 44640),
  -- in turn; the first begins at `starts`
  staff_ids uuid[] not null check (cardinality(staff_ids) between 1 and 50),
  unique (layer_id, position) deferrable initially deferred
);
comment on table on_call_rotation is 'class: directory';

create table on_call_override (
  id uuid primary key,
  layer_id uuid not null references on_call_layer on delete cascade,
  from_at timestamptz not null,
  until_at timestamptz not null,
  -- null: nobody
  staff_id uuid references staff,
  made_by uuid not null references staff,
  made_at timestamptz not null,
  check (until_at > from_at)
);
create index on_call_override_until on on_call_override (layer_id, until_at);
comment on table on_call_override is 'class: operations';

-- A way to reach one person. It counts once it has rung and the person said so.
create table means (
  id uuid primary key,
  staff_id uuid not null references staff,
  kind text not null check (kind in ('alarm', 'push', 'mail', 'sms', 'voice', 'webhook')),
  -- what the kind needs: a push subscription, an address, a number; nothing for the alarm in open pages
  address jsonb not null default '{}',
  label text not null,
  verified_at timestamptz,
  created_at timestamptz not null,
  removed_at timestamptz
);
create unique index means_one_alarm on means (staff_id) where kind = 'alarm' and removed_at is null;
create index means_of_staff on means (staff_id) where removed_at is null;
comment on table means is 'class: directory';

-- A request for a clinician. Until it is over or a person has it, it has a time at which it goes on by itself (I8).
create table escalation (
  id uuid primary key,
  line_id uuid not null references line,
  conversation_id uuid not null references conversation on delete cascade,
  kind text not null check (kind in ('consult', 'handOff', 'safety')),
  raised_by text not null check (raised_by in ('caller', 'peer')),
  raised_by_id uuid not null,
  raised_at timestamptz not null,
  state text not null check (state in ('asking', 'paging', 'acknowledged', 'joined', 'left', 'exhausted', 'refused', 'unanswered', 'withdrawn', 'closed')),
  -- what the caller lets the clinician see; null until they were asked, or where they could not be
  share text check (share in ('nothing', 'summary', 'conversation')),
  -- a life is at risk: whether the caller could be asked, and what they said
  asked text check (asked in ('yes', 'no', 'couldNot')),
  -- rung of the ladder: which step, and which time it is tried; both from 1, 0 before the first
  step int not null default 0,
  attempt int not null default 0,
  -- who is being called on this rung
  paged_id uuid references staff,
  next_due_at timestamptz,
  -- the ladder was begun then, at first or again: a "no" from before does not count
  called_at timestamptz,
  owner_id uuid references staff,
  first_page_at timestamptz,
  acknowledged_at timestamptz,
  joined_at timestamptz,
  exhausted_at timestamptz,
  ended_at timestamptz,
  disposition text,
  rev bigint not null default 1,
  constraint escalation_due check ((state in ('asking', 'paging', 'acknowledged')) = (next_due_at is not null)),
  constraint escalation_paged check ((state = 'paging') <= (paged_id is not null)),
  constraint escalation_owned check ((state in ('acknowledged', 'joined', 'left')) <= (owner_id is not null)),
  constraint escalation_over check ((state in ('refused', 'unanswered', 'withdrawn', 'closed')) = (ended_at is not null))
);
create unique index escalation_one_open on escalation (conversation_id)
  where state in ('asking', 'paging', 'acknowledged', 'joined', 'exhausted');
create index escalation_of_conversation on escalation (conversation_id, raised_at desc);
create index escalation_of_owner on escalation (owner_id) where state in ('acknowledged', 'joined', 'left');
create index escalation_of_line on escalation (line_id, raised_at desc);
comment on table escalation is 'class: conversation';

-- One attempt to reach one clinician by one means. Its id is the attempt key that providers are given.
create table page (
  id uuid primary key,
  -- null: "ring me now"
  escalation_id uuid references escalation on delete cascade,
  staff_id uuid not null references staff,
  means_id uuid not null references means,
  kind text not null,
  step int not null default 0,
  attempt int not null default 0,
  -- unknown: the process died between claim and mark; a new attempt with a new key follows
  state text not null check (state in ('due', 'sending', 'sent', 'failed', 'unknown')),
  made_at timestamptz not null,
  claimed_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  -- why it failed: a code, never what a provider wrote
  failure text,
  -- acknowledged or declined by the person; for a test: heard
  answer text check (answer in ('acknowledged', 'declined', 'heard')),
  answered_at timestamptz,
  provider_id text,
  -- of a test: how often a code was typed in
  code_tries int not null default 0,
  check ((answer is null) = (answered_at is null))
);
create index page_of_escalation on page (escalation_id, made_at);
create index page_of_staff on page (staff_id, made_at desc);
create index page_to_send on page (made_at) where state in ('due', 'sending');
create index page_of_provider on page (provider_id) where provider_id is not null;
comment on table page is 'class: conversation';

-- What a caller agreed to be told to whom, in versions: one that is revoked stays, and stops the next disclosure.
create table disclosure_consent (
  id uuid primary key,
  caller_id uuid not null references caller on delete cascade,
  conversation_id uuid not null references conversation on delete cascade,
  escalation_id uuid references escalation on delete cascade,
  version int not null,
  share text not null check (share in ('nothing', 'summary', 'conversation')),
  -- the recipient and purpose in words of the line's catalogue
  recipient text not null,
  purpose text not null,
  given_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  unique (conversation_id, version)
);
comment on table disclosure_consent is 'class: conversation';

-- A conversation may have more than two in it. Whoever holds it is its peer_id: exactly one.
alter table participant drop constraint participant_role_check;
alter table participant add constraint participant_role_check check (role in ('caller', 'peer', 'clinician'));
-- what was said before is not theirs to read: messages after this number, from this epoch on
alter table participant add column after_seq bigint not null default 0;
-- whoever has left reads what was there for them, while they write it up, and nothing after
alter table participant add column until_epoch int;
alter table participant add column until_seq bigint;
alter table participant add column joined_at timestamptz;
alter table participant add column lost_at timestamptz;
create index participant_of_staff on participant (party_id) where left_at is null and role <> 'caller';
update participant p set lost_at = c.peer_lost_at from conversation c
  where c.id = p.conversation_id and c.peer_id = p.party_id and c.state = 'live' and c.peer_lost_at is not null;

-- Peer and clinician alone, beside a conversation: neither caller nor request are in it.
alter table conversation alter column request_id drop not null;
alter table conversation alter column caller_id drop not null;
alter table conversation add column side_of uuid references conversation on delete cascade;
alter table conversation add constraint conversation_side
  check ((side_of is null) = (caller_id is not null) and (side_of is null) = (request_id is not null));
create unique index conversation_one_side on conversation (side_of) where state = 'live';
