-- The epoch somebody came in with, and the last number that was given before it: what is theirs to read, should the caller take
-- back that they may read what was before (CS2). Null: they were in it from the start.
alter table participant add column joined_epoch int;
alter table participant add column joined_seq bigint;
alter table participant add constraint participant_joined check ((joined_epoch is null) = (joined_seq is null));
update participant set joined_epoch = from_epoch, joined_seq = after_seq where from_epoch > 1;
