-- Telephone calls. Nothing here says who calls: the number of the caller reaches no row of ours (C12).
create table phone_call (
  -- of the request it opened, so that whoever notices the call opens no second one
  id uuid primary key,
  caller_id uuid not null unique references caller on delete cascade,
  -- what the media server calls the room it waits and talks in: the line, the number that was called, random letters
  room_name text not null unique,
  room_sid text not null,
  began_at timestamptz not null,
  ended_at timestamptz,
  -- when the media server was told to end the room and did
  gone_at timestamptz,
  check (gone_at is null or ended_at is not null)
);
create index phone_call_live on phone_call (began_at) where ended_at is null;
create index phone_call_to_end on phone_call (ended_at) where ended_at is not null and gone_at is null;
comment on table phone_call is 'class: conversation';

-- A caller of a page reads what is kept; to one on the telephone it is said before the call comes to us.
alter table consent add column given text not null default 'read' check (given in ('read', 'spoken'));

-- A telephone stays in its room when the peer is lost, and the next conversation is held there.
alter table media_room drop constraint media_room_name_key;
create unique index media_room_open_name on media_room (name) where closed_at is null;
create index media_room_name on media_room (name);
