-- Only in the rig's own database: each change of a state is kept with the database's time, in the transaction that made it.
create table fault_transition (
  n bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  id uuid not null,
  was text,
  became text not null,
  row jsonb not null
);
create function fault_watch() returns trigger language plpgsql as $$
declare
  fresh jsonb := to_jsonb(new);
  before jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) end;
begin
  insert into fault_transition (kind, id, was, became, row)
  values (tg_table_name, coalesce(fresh ->> 'id', fresh ->> 'staff_id', fresh ->> 'conversation_id')::uuid, before ->> 'state', fresh ->> 'state', fresh);
  return null;
end $$;
create trigger fault_watch after insert or update on request for each row execute function fault_watch();
create trigger fault_watch after insert or update on offer for each row execute function fault_watch();
create trigger fault_watch after insert or update of state on conversation for each row execute function fault_watch();
create trigger fault_watch after insert or update on peer_state for each row execute function fault_watch();
create trigger fault_watch after insert or update on wrap_up for each row execute function fault_watch();
