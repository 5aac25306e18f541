import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { contractDocs } from '@hearthline/server/docs/contractDocs';
import { knock } from '@hearthline/server/doors/knock';
import { doors, type DoorName } from '@hearthline/shared/contracts/doors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';
import { ROOT } from '../support/services.ts';
import { inputOf, knocker, live, no, staffOf } from './doorRows.ts';

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
  expect(await offersMade(line.deps, line.lineId)).toBe(1); // a second offer, to Maya
  const { rows } = await line.deps.sql.query<{ id: string }>(
    `select id from offer where peer_id = $1 and state = 'pending'`,
    [peer.id],
  );
  const { answer, code } = knocker(line.deps);
  const input = () => inputOf(name, conversationId, rows[0]?.id ?? '');
  const row = live[name];
  // those who must not first, so that nothing is left to refuse by the time they knock
  expect({
    otherCaller: await code(otherCaller, name, input()),
    otherPeer: await code(otherPeer, name, input()),
    staff: await code(staffOf(line.lineId, 'clinician'), name, input()),
    coordinator: await code(staffOf(line.lineId, 'coordinator'), name, input()),
  }).toEqual({
    otherCaller: row.otherCaller,
    otherPeer: row.otherPeer,
    staff: row.staff,
    coordinator: row.coordinator,
  });
  expect(await code(caller, name, input())).toBe(row.owner);
  if (name !== 'conversation.end') expect(await code(peer, name, input())).toBe(row.peer);
  const malformed = await answer(caller, name, { ...(input() as object), extra: 1 });
  expect(malformed.ok ? 'ok' : malformed.refusal.code).toBe(
    row.owner === no && name !== 'conversation.nextPeer' ? no : 'input.malformed',
  );
});

test('doors that are not there, and names out of a prototype, are refused', async () => {
  const { caller } = await line.talk();
  const { doorDeps } = knocker(line.deps);
  for (const name of ['nothing', '__proto__', 'constructor', 'toString', '', 7, null]) {
    expect(await knock(doorDeps, { actor: caller, tab: null, network: 'n' }, name, {})).toMatchObject({
      ok: false,
      refusal: { code: 'door.unknown' },
    });
  }
});

test('the contract documents are those of the contracts (npm run docs writes them)', () => {
  for (const [name, text] of Object.entries(contractDocs()))
    expect(readFileSync(join(ROOT, 'docs/api', name), 'utf8') === text, `${name} has drifted: npm run docs`).toBe(true);
});
