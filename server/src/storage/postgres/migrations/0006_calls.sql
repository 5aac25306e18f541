-- What a peer takes; a call takes the whole of them.
alter table peer_state add column channels text[] not null default '{chat,voice,video}'
  check (cardinality(channels) > 0 and channels <@ '{chat,voice,video}');
alter table conversation add column proposed_channel text check (proposed_channel in ('chat', 'voice', 'video'));
alter table conversation add column proposed_by text check (proposed_by in ('caller', 'peer'));
alter table conversation add constraint conversation_proposal check ((proposed_channel is null) = (proposed_by is null));

-- The rooms of a call, one after the other: a removal, a hand-over or a lost media server makes a new one (V4).
create table media_room (
  id uuid primary key,
  conversation_id uuid not null references conversation on delete cascade,
  generation int not null check (generation >= 1),
  -- what the media server calls it: random, so that nobody finds it by its conversation
  name text not null unique,
  -- the media server's own mark of this very room; another one means that it has forgotten the room
  sid text,
  encrypted boolean not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  -- when the media server was told to end it and did
  gone_at timestamptz,
  unique (conversation_id, generation)
);
create unique index media_room_one_open on media_room (conversation_id) where closed_at is null;
create index media_room_to_end on media_room (closed_at) where closed_at is not null and gone_at is null;
comment on table media_room is 'class: conversation';

-- Who was let into a room, under which name of this one join. Whoever is in it under another name was not.
create table media_seat (
  room_id uuid not null references media_room on delete cascade,
  party_id uuid not null,
  identity text not null,
  taken_at timestamptz not null,
  primary key (room_id, party_id)
);
comment on table media_seat is 'class: conversation';
