-- What is looked up by these columns must not grow with the history of the line; deleting a caller follows them too.
create index request_line on request (line_id, class, first_joined_at, id) where state in ('waiting', 'offered');
drop index request_queue;
create index request_of_caller on request (caller_id, first_joined_at desc);
create index offer_of_request on offer (request_id);
create index conversation_of_request on conversation (request_id);
create index consent_of_caller on consent (caller_id);
create index caller_session_of_caller on caller_session (caller_id);
drop index caller_session_caller;
-- Whom the matcher may offer something, best first.
create index peer_free on peer_state (line_id, load, last_live_at nulls first, staff_id)
  where state = 'available' and away_since is null;
