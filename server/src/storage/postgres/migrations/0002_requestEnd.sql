-- Why a request ended that nobody ended: the line closed and everybody went home.
alter table request add column end_reason text check (end_reason in ('closed'));
