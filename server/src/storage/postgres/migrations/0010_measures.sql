-- What is measured of an escalation stands in its own row: it outlives its conversation by a year, and is tied to nobody then (MS8).
alter table escalation alter column conversation_id drop not null;
alter table escalation drop constraint escalation_conversation_id_fkey;
alter table escalation add constraint escalation_conversation_id_fkey
  foreign key (conversation_id) references conversation on delete set null;
-- null: the caller, whom the conversation names
alter table escalation alter column raised_by_id drop not null;
update escalation set raised_by_id = null where raised_by = 'caller';
create index escalation_untied on escalation (raised_at) where conversation_id is null;
comment on table escalation is 'class: measures';
comment on table page is 'class: measures';

-- When calling could begin: the press, or the yes of a caller who was asked first; it stays when all are called again.
alter table escalation add column begun_at timestamptz;
-- On which step whoever first said "I'm on it" was called last, and whether somebody else, or nobody, was being called by then.
alter table escalation add column answered_step int;
alter table escalation add column answered_late boolean;
-- The same of whoever first was in.
alter table escalation add column joined_step int;
-- Who took it back; null where it was not, or ended with the talk.
alter table escalation add column withdrawn_by text check (withdrawn_by in ('caller', 'peer'));

-- Of before, what rows tell without a guess; steps were not kept.
update escalation e set begun_at = case when kind = 'handOff' and raised_by = 'peer'
    then (select min(given_at) from disclosure_consent d where d.escalation_id = e.id) else raised_at end;
update escalation e set withdrawn_by = case a.actor_kind when 'caller' then 'caller' else 'peer' end
  from audit a, conversation c where a.record_id = e.id and a.action = 'escalation.withdrawn' and c.id = e.conversation_id
    and e.state = 'withdrawn' and (c.ended_at is null or e.ended_at < c.ended_at);
