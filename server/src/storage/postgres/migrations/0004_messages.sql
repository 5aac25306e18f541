-- A message is only ever stored by the statement that has just locked and counted up its conversation (storeMessages.sql),
-- so that looking the conversation up once more a row, as a foreign key does, is a seventh of the cost and finds nothing.
-- What the key did beside that, the trigger does: messages go with their conversation.
alter table message drop constraint message_conversation_id_fkey;
create function forget_messages() returns trigger language plpgsql as
  $$ begin delete from message where conversation_id = old.id; return null; end $$;
create trigger conversation_forgets after delete on conversation for each row execute function forget_messages();
