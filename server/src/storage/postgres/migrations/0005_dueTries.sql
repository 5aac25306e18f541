-- How often a timer's act has failed since it was set: one that never can be done must not be tried twice a second for ever.
alter table due add column tries int not null default 0;
