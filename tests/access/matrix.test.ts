import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { createLanes } from '@hearthline/server/delivery/lanes';
import { contractDocs } from '@hearthline/server/docs/contractDocs';
import { knock } from '@hearthline/server/doors/knock';
import { createLimits } from '@hearthline/server/doors/limits';
import type { DoorDeps } from '@hearthline/server/doors/table';
import type { Actor, StaffActor } from '@hearthline/server/policies/actor';
import { doors, type DoorName } from '@hearthline/shared/contracts/doors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, startMatcherOnce, testLine, type TestLine } from '../support/line.ts';
import { ROOT } from '../support/services.ts';

const no = 'access.denied';
/** What each knocks out of each door on a live conversation and a pending offer that are Maya's. A new door without a row fails. */
type Row = { owner: string; otherCaller: string; peer: string; otherPeer: string; staff: string; coordinator: string };
const row = (owner: string, otherCaller: string, peer: string, otherPeer: string, coordinator: string = no): Row => ({
  owner,
  otherCaller,
  peer,
  otherPeer,
  staff: no,
  coordinator,
});
const matrix: Record<DoorName, Row> = {
  'caller.view': row('ok', 'ok', no, no),
  'request.open': row('ok', 'ok', no, no),
  'request.leave': row('request.gone', 'request.gone', no, no),
  'caller.takeOver': row('ok', 'ok', no, no),
  'conversation.nextPeer': row(no, 'conversation.gone', no, no),
  'survey.submit': row('survey.gone', 'survey.gone', no, no),
  'code.create': row('ok', 'ok', no, no),
  'code.revoke': row('ok', 'ok', no, no),
  'desk.view': row(no, no, 'ok', 'ok'),
  'shift.start': row(no, no, 'ok', 'ok'),
  'shift.end': row(no, no, 'peer.talking', 'ok'),
  'peer.setState': row(no, no, 'ok', 'ok'),
  'peer.setLimit': row(no, no, 'ok', 'ok'),
  'offer.accept': row(no, no, 'ok', 'offer.gone'),
  'offer.decline': row(no, no, 'ok', 'offer.gone'),
  'offer.recuse': row(no, no, 'ok', 'offer.gone'),
  'wrapUp.submit': row(no, no, 'wrapUp.gone', 'wrapUp.gone'),
  'board.view': row(no, no, no, no, 'ok'),
  'conversation.end': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
  'message.send': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
  'message.fetch': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
  'message.mark': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
  'message.typing': row('ok', 'ok', 'ok', 'ok'), // told only to a room the teller is in
  'key.get': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
};

function inputOf(name: DoorName, conversationId: string, offerId: string): unknown {
  const commandId = randomUUID();
  const message = {
    conversationId,
    clientId: randomUUID(),
    epoch: 1,
    iv: randomBytes(12).toString('base64'),
    ciphertext: randomBytes(80).toString('base64'),
  };
  const special: Partial<Record<DoorName, unknown>> = {
    'message.send': message,
    'message.fetch': { conversationId, after: 0 },
    'message.mark': { conversationId, delivered: 0, read: 0 },
    'message.typing': { conversationId },
    'key.get': { conversationId },
    'conversation.nextPeer': { commandId, conversationId },
    'conversation.end': { commandId, conversationId, reason: 'finished' },
    'survey.submit': { commandId, conversationId, scores: { heard: 5 } },
    'wrapUp.submit': { commandId, conversationId, topic: 'Work', outcome: 'Ended together', strain: 1, debrief: false },
    'offer.accept': { commandId, offerId },
    'offer.decline': { commandId, offerId },
    'offer.recuse': { commandId, offerId },
    'peer.setState': { commandId, state: 'break' },
    'peer.setLimit': { commandId, chats: 2 },
  };
  const bare = ['caller.view', 'caller.takeOver', 'code.create', 'code.revoke', 'desk.view', 'board.view'].includes(
    name,
  );
  return special[name] ?? (bare ? {} : { commandId });
}

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());

test.each(Object.keys(doors) as DoorName[])('[I15] %s: own, another’s, and every role', async (name) => {
  const { caller, peer, conversationId } = await line.talk();
  const otherPeer = await line.peer('Idris', { available: false });
  const otherCaller = await line.caller();
  must(await openRequest(line.deps, await line.caller(), 'chat'));
  expect(await startMatcherOnce(line.deps, line.lineId)).toBe(1); // a second offer, to Maya
  const { rows } = await line.deps.sql.query<{ id: string }>(
    `select id from offer where peer_id = $1 and state = 'pending'`,
    [peer.id],
  );
  const deps: DoorDeps = {
    ...line.deps,
    lanes: createLanes({ pool: line.deps.pool, clock: line.deps.clock, deliver: () => {} }),
    limits: createLimits(line.deps.config),
    tellMarks: () => {},
    tellTyping: () => {},
    takeOver: async () => {},
    shownTo: async (view) => view,
  };
  const staff = (role: 'clinician' | 'coordinator'): StaffActor => ({
    kind: 'staff',
    id: randomUUID(),
    name: role,
    roles: [role],
    lineIds: [line.lineId],
    locked: false,
  });
  const ask = async (actor: Actor) => {
    const answer = await knock(
      deps,
      { actor, tab: null, network: 'n' },
      name,
      inputOf(name, conversationId, rows[0]?.id ?? ''),
    );
    return answer.ok ? 'ok' : answer.refusal.code;
  };
  // those who must not first, so that nothing is left to refuse by the time they knock
  const seen = {
    otherCaller: await ask(otherCaller),
    otherPeer: await ask(otherPeer),
    staff: await ask(staff('clinician')),
    coordinator: await ask(staff('coordinator')),
  };
  expect(seen).toEqual({
    otherCaller: matrix[name].otherCaller,
    otherPeer: matrix[name].otherPeer,
    staff: matrix[name].staff,
    coordinator: matrix[name].coordinator,
  });
  expect(await ask(caller)).toBe(matrix[name].owner);
  if (name !== 'conversation.end') expect(await ask(peer)).toBe(matrix[name].peer);
  const malformed = await knock(deps, { actor: caller, tab: null, network: 'n' }, name, {
    ...(inputOf(name, conversationId, conversationId) as object),
    extra: 1,
  });
  expect(malformed.ok ? 'ok' : malformed.refusal.code).toBe(
    matrix[name].owner === no && name !== 'conversation.nextPeer' ? no : 'input.malformed',
  );
});

test('doors that are not there, and names out of a prototype, are refused', async () => {
  const { caller } = await line.talk();
  const deps = { ...line.deps, limits: createLimits(line.deps.config) } as DoorDeps;
  for (const name of ['nothing', '__proto__', 'constructor', 'toString', '', 7, null]) {
    expect(await knock(deps, { actor: caller, tab: null, network: 'n' }, name, {})).toMatchObject({
      ok: false,
      refusal: { code: 'door.unknown' },
    });
  }
});

test('the contract documents are those of the contracts (npm run docs writes them)', () => {
  for (const [name, text] of Object.entries(contractDocs()))
    expect(readFileSync(join(ROOT, 'docs/api', name), 'utf8') === text, `${name} has drifted: npm run docs`).toBe(true);
});
