import { randomUUID } from 'node:crypto';
import { submitSurvey } from '@hearthline/server/commands/callers/submitSurvey';
import { endConversation, endStaleConversation } from '@hearthline/server/commands/conversations/endConversation';
import { chooseNextPeer, returnCaller } from '@hearthline/server/commands/conversations/returnCaller';
import { goOnInviting } from '@hearthline/server/commands/invitations/inviteColleague';
import { goOn } from '@hearthline/server/commands/escalations/goOn';
import { acceptOffer, declineOffer, expireOffer } from '@hearthline/server/commands/offers/answerOffer';
import { restOver } from '@hearthline/server/commands/peers/restOver';
import { startShift } from '@hearthline/server/commands/peers/workShift';
import { lapseRequest, leaveRequest } from '@hearthline/server/commands/requests/leaveRequest';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { submitWrapUp } from '@hearthline/server/commands/wrapUps/submitWrapUp';
import { fetchMessages, handOutKeys, markUpTo } from '@hearthline/server/delivery/transcript';
import { relayOutbox } from '@hearthline/server/due/sweeper';
import { system, type Actor, type CallerActor, type StaffActor } from '@hearthline/server/policies/actor';
import type { DueKind } from '@hearthline/shared/contracts/jobs';
import { doors, type DoorName } from '@hearthline/shared/contracts/doors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';
import { inputOf, knocker, no, staffOf } from './doorRows.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());
const one = async <T>(text: string, ...params: unknown[]) => (await line.deps.sql.query<T>(text, params)).rows[0];
const ago = (ms: number) => new Date(line.deps.clock.now().getTime() - ms);

test('no door lets anybody act as the system', async () => {
  const { caller, conversationId } = await line.talk();
  const { code } = knocker(line.deps);
  const dressed: Actor[] = [
    system,
    { ...system, roles: ['peer', 'administrator'], lineIds: [line.lineId] } as Actor,
    { ...staffOf(line.lineId, 'peer'), roles: ['system' as never] },
    { ...staffOf(line.lineId, 'peer'), roles: [] },
  ];
  for (const name of Object.keys(doors) as DoorName[]) {
    for (const actor of dressed) expect(await code(actor, name, inputOf(name, conversationId, '')), name).toBe(no);
    // what a call says about its sender is not listened to, it is refused
    if (!doors[name].for.some((r) => r === 'caller')) continue;
    const input = { ...(inputOf(name, conversationId, '') as object), actor: system, kind: 'system', system: true };
    expect(await code(caller, name, input), name).toBe('input.malformed');
  }
});

test('the commands of people refuse the system as they refuse a stranger', async () => {
  const { conversationId } = await line.talk();
  must(await openRequest(line.deps, await line.caller(), 'chat'));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const offer = await one<{ id: string }>(`select id from offer where state = 'pending'`);
  const id = { commandId: randomUUID(), conversationId };
  const asCaller = system as unknown as CallerActor;
  const asPeer = { ...system, lineIds: [line.lineId], roles: ['peer'] } as unknown as StaffActor;
  const d = line.deps;
  const codes: Record<string, () => Promise<{ ok: boolean }>> = {
    'request.gone': () => leaveRequest(d, asCaller, randomUUID()),
    'conversation.gone': () => endConversation(d, asCaller, { ...id, reason: 'x' }),
    'conversation.gone ': () => chooseNextPeer(d, asCaller, id),
    'conversation.gone  ': () => fetchMessages(d, system, { conversationId, after: 0 }),
    'conversation.gone   ': () => handOutKeys(d, system, conversationId),
    'conversation.gone    ': () => markUpTo(d, system, { conversationId, delivered: 1, read: 1 }),
    'offer.gone': () => acceptOffer(d, asPeer, { commandId: randomUUID(), offerId: offer?.id ?? '' }),
    'offer.gone ': () => declineOffer(d, asPeer, 'declined', { commandId: randomUUID(), offerId: offer?.id ?? '' }),
    'survey.gone': () => submitSurvey(d, asCaller, { ...id, commandId: randomUUID(), scores: {} }),
    'wrapUp.gone': () =>
      submitWrapUp(d, asPeer, {
        commandId: randomUUID(),
        conversationId,
        topic: 'Work',
        outcome: 'Ended together',
        strain: 1,
        debrief: false,
      }),
    'access.denied': () => startShift(d, asPeer, randomUUID()),
  };
  for (const [code, run] of Object.entries(codes)) expect(await run()).toEqual({ ok: false, code: code.trim() });
  expect(await one(`select count(*)::int as n from offer where state = 'pending'`)).toEqual({ n: 1 });
  expect(await one(`select count(*)::int as n from conversation where state = 'live'`)).toEqual({ n: 1 });
});

/** What a timer may do: nothing before its time, its one act when it is due, nothing twice, nothing to what is not there. */
type Timed = { run(id: string): Promise<unknown>; subject(): Promise<string>; makeDue(id: string): Promise<unknown> };
const timers: Record<DueKind, Timed> = {
  'offer.expire': {
    run: (id) => expireOffer(line.deps, id),
    async subject() {
      await line.peer('Maya');
      must(await openRequest(line.deps, await line.caller(), 'chat'));
      expect(await offersMade(line.deps, line.lineId)).toBe(1);
      return (await one<{ id: string }>('select id from offer'))?.id ?? '';
    },
    makeDue: (id) => one('update offer set expires_at = $2 where id = $1', id, ago(1)),
  },
  'request.lapse': {
    run: (id) => lapseRequest(line.deps, id),
    async subject() {
      await line.peer('Maya', { available: false });
      return must(await openRequest(line.deps, await line.caller(), 'chat')).requestId;
    },
    makeDue: (id) => one('update request set absent_since = $2 where id = $1', id, ago(1)),
  },
  'conversation.return': {
    run: (id) => returnCaller(line.deps, id),
    subject: async () => (await line.talk()).conversationId,
    makeDue: (id) => one('update conversation set peer_lost_at = $2 where id = $1', id, ago(61_000)),
  },
  'conversation.stale': {
    run: (id) => endStaleConversation(line.deps, id),
    subject: async () => (await line.talk()).conversationId,
    makeDue: (id) => one('update conversation set caller_lost_at = $2 where id = $1', id, ago(601_000)),
  },
  'rest.over': {
    run: (id) => restOver(line.deps, id),
    async subject() {
      const { id } = await line.peer('Maya');
      await one('update peer_state set rest_until = $2 where staff_id = $1', id, ago(-60_000));
      return id;
    },
    makeDue: (id) => one('update peer_state set rest_until = $2 where staff_id = $1', id, ago(1)),
  },
  'escalation.goOn': {
    run: (id) => goOn(line.deps, id),
    async subject() {
      const { caller, peer, conversationId } = await line.talk();
      return (
        await one<{ id: string }>(
          `insert into escalation (id, line_id, conversation_id, kind, raised_by, raised_by_id, raised_at, state, next_due_at)
           values ($1, $2, $3, 'handOff', 'peer', $4, $5, 'asking', $6) returning id`,
          ...[caller.id, line.lineId, conversationId, peer.id, ago(1), ago(-60_000)],
        )
      )?.id as string;
    },
    makeDue: (id) => one('update escalation set next_due_at = $2 where id = $1', id, ago(1)),
  },
  'invitation.goOn': {
    run: (id) => goOnInviting(line.deps, id),
    async subject() {
      const { peer, conversationId } = await line.talk();
      return (
        await one<{ id: string }>(
          `insert into invitation (id, line_id, conversation_id, purpose, asked_by, asked_at, state, next_due_at)
           values ($1, $2, $3, 'join', $4, $5, 'asking', $6) returning id`,
          ...[randomUUID(), line.lineId, conversationId, peer.id, ago(1), ago(-60_000)],
        )
      )?.id as string;
    },
    makeDue: (id) => one('update invitation set next_due_at = $2 where id = $1', id, ago(1)),
  },
};
test.each(Object.keys(timers) as DueKind[])('[I22] %s: the row decides, not the timer', async (kind) => {
  const { run, subject, makeDue } = timers[kind];
  const nothing = { ok: true, value: { done: false } };
  const id = await subject();
  expect(await run(id), 'early').toEqual(nothing);
  await makeDue(id);
  expect(await run(id), 'due').toEqual({ ok: true, value: { done: true } });
  expect(await run(id), 'again').toEqual(nothing);
  expect(await run(randomUUID()), 'not there').toEqual(
    kind === 'offer.expire' ? { ok: false, code: 'offer.gone' } : nothing,
  );
  const said = await line.deps.sql.query<{ actor_kind: string; actor_id: string | null }>(
    `select actor_kind, actor_id from audit where id = (select max(id) from audit where action not in ('shift.started', 'peer.stateSet'))`,
    [],
  );
  if (kind !== 'rest.over') expect(said.rows).toEqual([{ actor_kind: 'system', actor_id: null }]);
});

test('the relay tells again and changes nothing but its own marks', async () => {
  await line.talk();
  const everything = () =>
    one(`select (select jsonb_agg(r order by r.id) from request r) as requests, (select jsonb_agg(o order by o.id) from offer o) as offers,
                (select jsonb_agg(c order by c.id) from conversation c) as talks, (select jsonb_agg(p order by p.staff_id) from peer_state p) as peers,
                (select count(*)::int from audit) as audits, (select jsonb_agg(event order by id) from outbox) as events`);
  await one('update outbox set dispatched_at = null, written_at = $1', ago(5000));
  const before = await everything();
  const told: string[] = [];
  const off = line.deps.hub.on((e) => told.push(e.type));
  const n = await relayOutbox(line.deps);
  off();
  expect(told).toHaveLength(n);
  expect(told).toEqual(expect.arrayContaining(['request.opened', 'offer.made', 'offer.accepted']));
  expect(await everything()).toEqual(before);
  expect(await relayOutbox(line.deps)).toBe(0);
});
