import { randomUUID } from 'node:crypto';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';

/** One talk that is live, one that is over with its wrap-up due, one offer that is pending: rows of every state to spoil. */
let line: TestLine;
const id = { live: '', over: '', offer: '', peer: '', liveCaller: '' };
beforeAll(async () => {
  line = await testLine({ chatsPerPeer: 4 });
  const over = await line.talk();
  must(
    await endConversation(line.deps, over.peer, {
      commandId: randomUUID(),
      conversationId: over.conversationId,
      reason: 'finished',
    }),
  );
  await line.deps.sql.query(`update peer_state set state = 'break'`, []);
  const live = await line.talk();
  must(await openRequest(line.deps, await line.caller(), 'chat'));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const { rows } = await line.deps.sql.query<{ id: string }>(`select id from offer where state = 'pending'`, []);
  Object.assign(id, {
    live: live.conversationId,
    over: over.conversationId,
    offer: rows[0]?.id,
    peer: live.peer.id,
    liveCaller: live.caller.id,
  });
  await line.deps.sql.query(
    `with talk as (select * from conversation where id = $1), layer as (
       insert into on_call_layer (id, line_id, name, position) select gen_random_uuid(), line_id, 'primary', 1 from talk returning id
     ), turn as (
       insert into on_call_rotation (id, layer_id, position, time_zone, starts, recurrence, staff_ids)
       select gen_random_uuid(), layer.id, 1, 'UTC', '2026-01-01T00:00', 'FREQ=DAILY', array[peer_id] from layer, talk
     ), otherwise as (
       insert into on_call_override (id, layer_id, from_at, until_at, made_by, made_at)
       select gen_random_uuid(), layer.id, now(), now() + interval '1 hour', peer_id, now() from layer, talk
     ), way as (
       insert into means (id, staff_id, kind, label, created_at) select gen_random_uuid(), peer_id, 'alarm', 'Open pages', now() from talk returning id
     ), called as (
       insert into escalation (id, line_id, conversation_id, kind, raised_by, raised_by_id, raised_at, state)
       select gen_random_uuid(), line_id, id, 'safety', 'peer', peer_id, now(), 'exhausted' from talk returning id
     ), asked as (
       insert into invitation (id, line_id, conversation_id, purpose, asked_by, asked_at, state, next_due_at)
       select gen_random_uuid(), line_id, id, 'join', peer_id, now(), 'asking', now() from talk
     ), agreed as (
       insert into disclosure_consent (id, caller_id, conversation_id, version, share, recipient, purpose, given_at, expires_at)
       select gen_random_uuid(), caller_id, id, 1, 'nothing', 'x', 'y', now(), now() from talk
     )
     insert into page (id, escalation_id, staff_id, means_id, kind, state, made_at)
     select gen_random_uuid(), called.id, peer_id, way.id, 'alarm', 'due', now() from called, way, talk`,
    [live.conversationId],
  );
});
afterAll(() => line.close());

const disclosed = (ground: string, scope: string) =>
  `insert into disclosure (id, at, line_id, conversation_id, staff_id, organisation, program, ground, scope)
   select gen_random_uuid(), now(), line_id, id, peer_id, 'Lake Clinic', 'Harbor', '${ground}', '${scope}' from conversation where id = '${id.live}'`;
/** What breaks each check; a new check without a row fails. */
const spoils: Record<string, () => string> = {
  consent_given_check: () => `update consent set given = 'assumed'`,
  conversation_check: () => `update conversation set ended_at = null where id = '${id.over}'`,
  conversation_cost_check: () => `update conversation set cost = 0 where id = '${id.live}'`,
  conversation_ended_by_check: () => `update conversation set ended_by = 'clinician' where id = '${id.over}'`,
  conversation_side: () => `update conversation set side_of = '${id.over}' where id = '${id.live}'`,
  conversation_state_check: () => `update conversation set state = 'paused' where id = '${id.live}'`,
  conversation_proposal: () => `update conversation set proposed_channel = 'voice' where id = '${id.live}'`,
  conversation_proposed_by_check: () =>
    `update conversation set proposed_channel = 'voice', proposed_by = 'system' where id = '${id.live}'`,
  conversation_proposed_channel_check: () =>
    `update conversation set proposed_channel = 'phone', proposed_by = 'peer' where id = '${id.live}'`,
  disclosure_consented: () => disclosed('consent', 'talk'),
  disclosure_scope_check: () => disclosed('emergency', 'everything'),
  disclosure_consent_share_check: () => `update disclosure_consent set share = 'all'`,
  escalation_asked_check: () => `update escalation set asked = 'maybe'`,
  escalation_due: () => `update escalation set state = 'asking'`,
  escalation_kind_check: () => `update escalation set kind = 'transfer'`,
  escalation_over: () => `update escalation set state = 'withdrawn'`,
  escalation_owned: () => `update escalation set state = 'joined'`,
  escalation_paged: () => `update escalation set state = 'paging', next_due_at = now()`,
  escalation_raised_by_check: () => `update escalation set raised_by = 'system'`,
  escalation_share_check: () => `update escalation set share = 'all'`,
  escalation_withdrawn_by_check: () => `update escalation set withdrawn_by = 'clinician'`,
  escalation_state_check: () => `update escalation set state = 'asleep'`,
  invitation_cost_check: () => `update invitation set cost = 101`,
  invitation_due: () => `update invitation set next_due_at = null`,
  invitation_over: () => `update invitation set ended_at = now()`,
  invitation_purpose_check: () => `update invitation set purpose = 'listen'`,
  invitation_ringing: () => `update invitation set state = 'ringing'`,
  invitation_share_check: () => `update invitation set share = 'summary'`,
  invitation_state_check: () => `update invitation set state = 'lost', next_due_at = null, ended_at = now()`,
  means_kind_check: () => `update means set kind = 'pigeon'`,
  on_call_layer_position_check: () => `update on_call_layer set position = 0`,
  on_call_override_check: () => `update on_call_override set until_at = from_at`,
  on_call_rotation_minutes_check: () => `update on_call_rotation set minutes = 14`,
  on_call_rotation_position_check: () => `update on_call_rotation set position = 0`,
  on_call_rotation_staff_ids_check: () => `update on_call_rotation set staff_ids = '{}'`,
  page_answer_check: () => `update page set answer = 'perhaps', answered_at = now()`,
  page_check: () => `update page set answer = 'declined'`,
  page_state_check: () => `update page set state = 'lost'`,
  media_room_generation_check: () =>
    `insert into media_room values (gen_random_uuid(), '${id.live}', 0, 'none', null, true, now())`,
  node_role_check: () => `insert into node values ('${randomUUID()}', 'bench', now(), true)`,
  offer_check: () => `update offer set resolved_at = now() where id = '${id.offer}'`,
  offer_cost_check: () => `update offer set cost = 101 where id = '${id.offer}'`,
  offer_state_check: () => `update offer set state = 'failed', resolved_at = now() where id = '${id.offer}'`,
  participant_cost_check: () => `update participant set cost = 0 where conversation_id = '${id.live}'`,
  participant_joined: () => `update participant set joined_epoch = 2 where conversation_id = '${id.live}'`,
  participant_role_check: () => `update participant set role = 'visitor' where conversation_id = '${id.live}'`,
  peer_state_channels_check: () => `update peer_state set channels = '{}' where staff_id = '${id.peer}'`,
  peer_state_chat_limit_check: () => `update peer_state set chat_limit = 7 where staff_id = '${id.peer}'`,
  peer_state_check: () => `update peer_state set shift_id = null where staff_id = '${id.peer}'`,
  peer_state_load_check: () => `update peer_state set load = load + 101 where staff_id = '${id.peer}'`,
  peer_state_state_check: () => `update peer_state set state = 'asleep' where staff_id = '${id.peer}'`,
  phone_call_check: () =>
    `insert into phone_call values (gen_random_uuid(), '${id.liveCaller}', 'none', 'none', now(), null, now())`,
  request_channel_check: () => `update request set channel = 'fax'`,
  request_state_check: () => `update request set state = 'open'`,
  request_end_reason_check: () => `update request set end_reason = 'tired'`,
  request_exclusion_why_check: () =>
    `insert into request_exclusion select id, '${id.peer}', 'disliked', now() from request limit 1`,
  staff_organisation: () => `update staff set organisation = ''`,
  survey_connection_check: () => `insert into survey values ('${id.over}', 1, 1, 6, now())`,
  survey_heard_check: () => `insert into survey values ('${id.over}', 0, 1, 1, now())`,
  survey_hope_check: () => `insert into survey values ('${id.over}', 1, 9, 1, now())`,
  wrap_up_check: () => `update wrap_up set state = 'done' where conversation_id = '${id.over}'`,
  wrap_up_state_check: () => `update wrap_up set state = 'late' where conversation_id = '${id.over}'`,
  wrap_up_strain_check: () => `update wrap_up set strain = 6 where conversation_id = '${id.over}'`,
};
const columns = 'id, line_id, request_id, caller_id, peer_id, channel, state, cost, started_at';
const offerColumns = 'id, line_id, request_id, peer_id, state, cost, made_at, expires_at';
const requestOf = (conversationId: string) => `(select request_id from conversation where id = '${conversationId}')`;
/** What the partial unique indexes make impossible, whatever the code in front of them does (I1, MA3). */
const doubles: Record<string, () => string> = {
  conversation_one_per_caller: () =>
    `insert into conversation (${columns}) select gen_random_uuid(), line_id, request_id, caller_id, peer_id, channel, state, cost, now() from conversation where id = '${id.live}'`,
  conversation_one_side: () =>
    `insert into conversation (id, line_id, peer_id, channel, state, cost, started_at, side_of)
     select gen_random_uuid(), line_id, peer_id, 'chat', 'live', 1, now(), id from conversation cross join generate_series(1, 2) where id = '${id.live}'`,
  escalation_one_open: () =>
    `insert into escalation (id, line_id, conversation_id, kind, raised_by, raised_by_id, raised_at, state)
     select gen_random_uuid(), line_id, conversation_id, 'consult', 'peer', raised_by_id, now(), 'exhausted' from escalation`,
  invitation_one_open: () =>
    `insert into invitation (id, line_id, conversation_id, purpose, asked_by, asked_at, state, next_due_at)
     select gen_random_uuid(), line_id, conversation_id, 'join', asked_by, now(), 'asking', now() from invitation`,
  means_one_alarm: () =>
    `insert into means (id, staff_id, kind, label, created_at) select gen_random_uuid(), staff_id, 'alarm', 'Twice', now() from means`,
  media_room_one_open: () =>
    `insert into media_room (id, conversation_id, generation, name, encrypted, opened_at)
     select gen_random_uuid(), '${id.live}', n, 'room ' || n, true, now() from generate_series(1, 2) n`,
  media_room_open_name: () =>
    `insert into media_room (id, conversation_id, generation, name, encrypted, opened_at)
     select gen_random_uuid(), talk, 1, 'the same', true, now() from unnest('{${id.live},${id.over}}'::uuid[]) talk`,
  offer_one_per_peer: () =>
    `insert into offer (${offerColumns}) select gen_random_uuid(), line_id, ${requestOf(id.live)}, peer_id, state, cost, made_at, expires_at from offer where id = '${id.offer}'`,
  offer_one_per_request: () =>
    `insert into offer (${offerColumns}) select gen_random_uuid(), line_id, request_id, (select staff_id from peer_state where staff_id <> '${id.peer}'), state, cost, made_at, expires_at from offer where id = '${id.offer}'`,
  request_one_live: () =>
    `insert into request (id, line_id, caller_id, channel, state, first_joined_at) select gen_random_uuid(), line_id, id, 'chat', 'waiting', now() from caller where id = '${id.liveCaller}'`,
  shift_one_open: () =>
    `insert into shift (id, staff_id, line_id, started_at) select gen_random_uuid(), staff_id, line_id, now() from shift where staff_id = '${id.peer}'`,
};

test('[S10][I1][I22] every check and every partial unique index has a row here', async () => {
  const checks = await line.deps.sql.query<{ name: string }>(
    `select conname as name from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace`,
    [],
  );
  expect(checks.rows.map((r) => r.name).sort()).toEqual(Object.keys(spoils).sort());
  const indexes = await line.deps.sql.query<{ name: string }>(
    `select indexrelid::regclass::text as name from pg_index where indisunique and indpred is not null`,
    [],
  );
  expect(indexes.rows.map((r) => r.name).sort()).toEqual(Object.keys(doubles).sort());
  // a column named state that anything could be written into
  const open = await line.deps.sql.query<{ name: string }>(
    `select c.table_name as name from information_schema.columns c where c.table_schema = 'public' and c.column_name = 'state'
       and not exists (select 1 from pg_constraint k where k.contype = 'c' and k.conrelid = format('public.%I', c.table_name)::regclass
         and pg_get_constraintdef(k.oid) like '%state = ANY%')`,
    [],
  );
  expect(open.rows).toEqual([]);
});

test.each(Object.keys(spoils))('[I22] %s refuses what is not listed', async (name) => {
  const spoil = spoils[name]?.() ?? '';
  await expect(line.deps.sql.query(spoil, [])).rejects.toMatchObject({ code: '23514', constraint: name });
});

test.each(Object.keys(doubles))('[I1] %s refuses a second one', async (name) => {
  const double = doubles[name]?.() ?? '';
  await expect(line.deps.sql.query(double, [])).rejects.toMatchObject({ code: '23505', constraint: name });
});

test('[I19][S34][S36] audit rows and seals are never changed nor deleted', async () => {
  for (const statement of ['update audit set detail = detail', 'delete from audit'])
    await expect(line.deps.sql.query(statement, [])).rejects.toThrow(/never changed/);
});

test('[CO1] what hangs on a caller goes with the caller, and with nobody else', async () => {
  await expect(line.deps.sql.query(`delete from staff where id = $1`, [id.peer])).rejects.toMatchObject({
    code: '23503',
  });
  const orphans = await line.deps.sql.query<{ name: string }>(
    `select conname as name from pg_constraint where contype = 'f' and confrelid in ('caller'::regclass, 'conversation'::regclass, 'request'::regclass) and confdeltype <> 'c'`,
    [],
  );
  // [MS8] but the times of an escalation, which name nobody
  expect(orphans.rows).toEqual([{ name: 'escalation_conversation_id_fkey' }]);
  const said = await line.deps.sql.query<{ talk: string; caller: string }>(
    `with talk as (select id, caller_id from conversation limit 1), kept as (
       insert into message (conversation_id, seq, sender_id, client_id, epoch, iv, ciphertext, sent_at)
       select id, 1000, caller_id, gen_random_uuid(), 1, ''::bytea, ''::bytea, now() from talk)
     select id as talk, caller_id as caller from talk`,
    [],
  );
  const [{ talk, caller } = { talk: '', caller: '' }] = said.rows;
  const messages = () => line.deps.sql.query('select 1 from message where conversation_id = $1', [talk]);
  expect((await messages()).rowCount).toBeGreaterThan(0);
  await line.deps.sql.query('delete from caller where id = $1', [caller]); // messages have a trigger in place of a key
  expect((await messages()).rowCount).toBe(0);
});
