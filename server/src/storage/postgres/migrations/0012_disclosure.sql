-- Which organisation somebody on staff belongs to; null: that of their line.
alter table staff add column organisation text constraint staff_organisation check (organisation <> '');

-- [CS5] Somebody of another organisation was let into a talk of a program under 42 CFR Part 2: to whom, what, on which ground, with
-- the notice. Nothing of the talk is in it, and it outlives it.
create table disclosure (
  id uuid primary key,
  at timestamptz not null,
  line_id uuid not null,
  conversation_id uuid not null,
  staff_id uuid not null,
  organisation text not null,
  program text not null,
  ground text not null,
  scope text not null check (scope in ('talk', 'talkAndSummary', 'talkAndBefore')),
  -- the consent it rests on, as it was then; null in an emergency
  consent_id uuid,
  consent_version int,
  constraint disclosure_consented check (ground = 'consent' and consent_id is not null and consent_version is not null
    or ground = 'emergency' and consent_id is null and consent_version is null)
);
create index disclosure_of_talk on disclosure (conversation_id, staff_id);
comment on table disclosure is 'class: audit';
