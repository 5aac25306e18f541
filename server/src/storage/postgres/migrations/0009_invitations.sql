-- A colleague who is asked into a talk, to join it, to take it over, or as its coordinator to help. Until it is over it has a time at which it goes on by itself.
create table invitation (
  id uuid primary key,
  -- whose peers are asked; another one than the talk's: it would go to that line
  line_id uuid not null references line,
  conversation_id uuid not null references conversation on delete cascade,
  purpose text not null check (purpose in ('join', 'takeOver', 'help')),
  asked_by uuid not null references staff,
  -- this very person; null: whoever is free on the line
  whom uuid references staff,
  asked_at timestamptz not null,
  state text not null check (state in ('asking', 'ringing', 'joined', 'refused', 'unanswered', 'returned', 'withdrawn')),
  -- what the caller lets them see of before
  share text check (share in ('nothing', 'conversation')),
  -- who is asked now or came, since when, and what of their room is held for it
  rings_id uuid references staff,
  rings_since timestamptz,
  cost int not null default 0 check (cost between 0 and 100),
  -- who was asked already
  tried uuid[] not null default '{}',
  next_due_at timestamptz,
  ended_at timestamptz,
  constraint invitation_due check ((state in ('asking', 'ringing')) = (next_due_at is not null)),
  constraint invitation_over check ((state in ('asking', 'ringing')) = (ended_at is null)),
  constraint invitation_ringing check ((state = 'ringing') <= (rings_id is not null))
);
create unique index invitation_one_open on invitation (conversation_id) where state in ('asking', 'ringing');
create index invitation_to on invitation (rings_id) where state = 'ringing';
create index invitation_of_conversation on invitation (conversation_id, asked_at desc);
comment on table invitation is 'class: conversation';

-- What was agreed to for an invitation is in the same ledger.
alter table disclosure_consent add column invitation_id uuid references invitation on delete cascade;

alter table participant drop constraint participant_role_check;
alter table participant add constraint participant_role_check check (role in ('caller', 'peer', 'clinician', 'coordinator'));
-- What a talk costs a peer who came into it later; null: it is the conversation's.
alter table participant add column cost int check (cost between 1 and 100);

-- A talk may have more than one peer, each with their own wrap-up. Its texts are sealed under its own id, no longer under the
-- conversation's: those that there are keep that one.
alter table wrap_up add column id uuid;
update wrap_up set id = conversation_id;
alter table wrap_up drop constraint wrap_up_pkey;
alter table wrap_up alter column id set not null;
alter table wrap_up alter column id set default gen_random_uuid();
alter table wrap_up add primary key (id);
create unique index wrap_up_one_each on wrap_up (conversation_id, peer_id);
