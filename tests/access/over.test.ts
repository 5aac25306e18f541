import { randomUUID } from 'node:crypto';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { acceptOffer, declineOffer, expireOffer } from '@hearthline/server/commands/offers/answerOffer';
import { leaveRequest } from '@hearthline/server/commands/requests/leaveRequest';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { setPeerState } from '@hearthline/server/commands/peers/workShift';
import { purgeDue } from '@hearthline/server/due/keepKeys';
import type { Actor, StaffActor } from '@hearthline/server/policies/actor';
import type { DoorName } from '@hearthline/shared/contracts/doors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';
import {
  conversationOver,
  inputOf,
  knocker,
  namedFields,
  naming,
  no,
  offerOver,
  offerStates,
  overStates,
  staffOf,
  type OfferOver,
  type Over,
} from './doorRows.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());
const longAgo = () => new Date(line.deps.clock.now().getTime() - 40 * 86_400_000);
const update = async (text: string, ...params: unknown[]) => {
  expect((await line.deps.sql.query(text, params)).rowCount).toBe(1);
};

test('[I15] every door that names a record has a row for the time after it', () => {
  expect(namedFields().sort()).toEqual([
    'conversationId',
    'escalationId',
    'invitationId',
    'meansId',
    'offerId',
    'pageId',
    'partyId',
  ]);
  expect(Object.keys(conversationOver).sort()).toEqual(naming('conversationId').sort());
  expect(Object.keys(offerOver).sort()).toEqual(naming('offerId').sort());
});

async function bring(to: Over, talk: { caller: Actor; peer: StaffActor; conversationId: string }) {
  const { conversationId, peer } = talk;
  must(await endConversation(line.deps, peer, { commandId: randomUUID(), conversationId, reason: 'finished' }));
  if (to === 'wrapped') {
    const { code } = knocker(line.deps);
    expect(await code(peer, 'wrapUp.submit', inputOf('wrapUp.submit', conversationId, ''))).toBe('ok');
  }
  if (to === 'ended' || to === 'wrapped') return;
  await update('update conversation set purge_due_at = $2 where id = $1', conversationId, longAgo());
  expect(await purgeDue(line.deps)).toBe(1);
  if (to === 'purged') return;
  await update('update caller set seen_at = $2 where id = $1', talk.caller.id, longAgo());
  await purgeDue(line.deps);
}

test.each(overStates)('[I15][I17] every door on a conversation that is %s', async (state) => {
  const talk = await line.talk();
  const strangers: Actor[] = [
    await line.caller(),
    await line.peer('Idris', { available: false }),
    ...(['clinician', 'coordinator', 'administrator'] as const).map((role) => staffOf(line.lineId, role)),
  ];
  const { answer, code } = knocker(line.deps);
  expect(await code(talk.caller, 'message.send', inputOf('message.send', talk.conversationId, ''))).toBe('ok');
  await bring(state, talk);
  const seen: Partial<Record<DoorName, string[]>> = {};
  for (const name of Object.keys(conversationOver) as DoorName[]) {
    for (const who of strangers) {
      const real = await answer(who, name, inputOf(name, talk.conversationId, ''));
      expect(real, `${name} for a stranger`).toEqual(await answer(who, name, inputOf(name, randomUUID(), '')));
    }
    const input = () => inputOf(name, talk.conversationId, '');
    seen[name] = [await code(talk.caller, name, input()), await code(talk.peer, name, input())];
  }
  expect(seen).toEqual(Object.fromEntries(Object.entries(conversationOver).map(([name, row]) => [name, row[state]])));
  if (state === 'ended' || state === 'wrapped') return;
  const left = await line.deps.sql.query<{ keys: number; words: number; messages: number }>(
    `with owners as (select $1::uuid as id union all select id from wrap_up where conversation_id = $1)
     select (select count(*)::int from record_key where owner_id in (select id from owners)) + (select count(*)::int from epoch_key) as keys,
            (select count(*)::int from sealed_field where owner_id in (select id from owners)) as words, (select count(*)::int from message) as messages`,
    [talk.conversationId],
  );
  expect(left.rows[0], 'nothing is written into what was purged').toEqual({ keys: 0, words: 0, messages: 0 });
});

test('[I15] a live record that is not yours answers as one that is not there', async () => {
  const { conversationId } = await line.talk();
  must(await openRequest(line.deps, await line.caller(), 'chat'));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const { rows } = await line.deps.sql.query<{ id: string }>(`select id from offer where state = 'pending'`, []);
  const { answer } = knocker(line.deps);
  const foreignLine: StaffActor = { ...staffOf(randomUUID(), 'peer'), lineIds: [randomUUID()] };
  const strangers: Actor[] = [await line.caller(), await line.peer('Idris', { available: false }), foreignLine];
  for (const name of [...naming('conversationId'), ...naming('offerId')])
    for (const who of strangers)
      expect(await answer(who, name, inputOf(name, conversationId, rows[0]?.id ?? '')), name).toEqual(
        await answer(who, name, inputOf(name, randomUUID(), randomUUID())),
      );
});

test.each(offerStates)('[I15][OF1] every door on an offer that was %s', async (state: OfferOver) => {
  const maya = await line.peer('Maya');
  const idris = await line.peer('Idris', { available: false });
  const caller = await line.caller();
  must(await openRequest(line.deps, caller, 'chat'));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const { rows } = await line.deps.sql.query<{ id: string }>('select id from offer', []);
  const offerId = rows[0]?.id ?? '';
  const input = { commandId: randomUUID(), offerId };
  const ends: Record<OfferOver, () => Promise<unknown>> = {
    accepted: () => acceptOffer(line.deps, maya, input),
    declined: () => declineOffer(line.deps, maya, 'declined', input),
    async expired() {
      await update('update offer set expires_at = $2 where id = $1', offerId, longAgo());
      return expireOffer(line.deps, offerId);
    },
    rescinded: () => setPeerState(line.deps, maya, randomUUID(), 'break'),
    async purged() {
      must(await leaveRequest(line.deps, caller, randomUUID()));
      await update('update caller set seen_at = $2 where id = $1', caller.id, longAgo());
      await purgeDue(line.deps);
      return { ok: true };
    },
  };
  expect(await ends[state]()).toMatchObject({ ok: true });
  const { answer, code } = knocker(line.deps);
  for (const [name, row] of Object.entries(offerOver) as [DoorName, Record<OfferOver, string>][]) {
    expect(await answer(idris, name, inputOf(name, '', offerId))).toEqual(
      await answer(idris, name, inputOf(name, '', randomUUID())),
    );
    expect(await code(maya, name, inputOf(name, '', offerId)), name).toBe(row[state]);
    expect(await code(caller, name, inputOf(name, '', offerId)), name).toBe(no);
  }
});

test('[I15] a request that is over is nobody’s to leave', async () => {
  await line.peer('Maya', { available: false });
  const caller = await line.caller();
  const { code } = knocker(line.deps);
  const leave = () => code(caller, 'request.leave', inputOf('request.leave', '', ''));
  expect(await leave()).toBe('request.gone');
  must(await openRequest(line.deps, caller, 'chat'));
  expect(await leave()).toBe('ok');
  expect(await leave()).toBe('request.gone');
});
