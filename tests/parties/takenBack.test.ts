import { randomBytes, randomUUID } from 'node:crypto';
import { acknowledgePage } from '@hearthline/server/commands/escalations/answerPage';
import { revokeFor, revokeShare } from '@hearthline/server/commands/escalations/consent';
import { joinEscalation } from '@hearthline/server/commands/escalations/joinEscalation';
import { acceptInvitation } from '@hearthline/server/commands/invitations/takeInvitation';
import { createLane } from '@hearthline/server/delivery/lane';
import { fetchMessages, handOutKeys } from '@hearthline/server/delivery/transcript';
import type { Actor, CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { callerView } from '@hearthline/server/presenters/callerView';
import { talksIn } from '@hearthline/server/presenters/talksIn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inviting } from '../support/invitations.ts';
import { must } from '../support/line.ts';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';

let line: OnCallLine;
let maya: StaffActor;
let ana: StaffActor;
let caller: CallerActor;
let conversationId: string;
let lane: ReturnType<typeof createLane>;
beforeEach(async () => {
  line = await onCallLine();
  ana = await line.clinician('Ana', 'primary');
  ({ peer: maya, caller, conversationId } = await line.talk());
  lane = createLane({ pool: line.deps.pool, clock: line.deps.clock, deliver: () => {} });
});
afterEach(() => line.close());

async function says(by: Actor, epoch: number): Promise<number> {
  const sealed = { iv: randomBytes(12).toString('base64'), ciphertext: randomBytes(80).toString('base64') };
  return must(await lane.send(by.id, { conversationId, clientId: randomUUID(), epoch, ...sealed })).seq;
}
async function reads(who: Actor): Promise<{ seqs: number[]; epochs: number[] }> {
  const page = must(await fetchMessages(line.deps, who, { conversationId, after: 0 }));
  const { keys } = must(await handOutKeys(line.deps, who, conversationId));
  return { seqs: page.messages.map((m) => m.seq), epochs: keys.map((k) => k.epoch) };
}
async function parties(): Promise<string[]> {
  const view = await callerView(line.deps, caller);
  if (view.stage !== 'talking') throw new Error(view.stage);
  return view.conversation.parties.map((p) => `${p.name} ${p.reads}${p.agreed ? ' agreed' : ''}`);
}
async function anaJoins(): Promise<string> {
  const escalationId = await line.handOff(maya, caller, conversationId, 'conversation');
  must(await acknowledgePage(line.deps, ana, { ...line.command(), escalationId }));
  must(await joinEscalation(line.deps, ana, { ...line.command(), escalationId }));
  return escalationId;
}
const all = { seqs: [1, 2], epochs: [1, 2] };
const ownOnly = { seqs: [2], epochs: [2] };

test('[CS2] a clinician who is in it reads from their joining on once it is taken back, and goes on reading what comes', async () => {
  await says(caller, 1);
  const escalationId = await anaJoins();
  await says(maya, 2);
  expect([await reads(ana), await parties()]).toEqual([all, ['Sparrow all', 'Maya all', 'Ana all agreed']]);
  must(await revokeShare(line.deps, caller, { ...line.command(), escalationId }));
  expect([await reads(ana), await parties()]).toEqual([ownOnly, ['Sparrow all', 'Maya all', 'Ana fromJoining']]);
  expect(await talksIn(line.deps, ana)).toMatchObject([{ fromSeq: 2 }]);
  await says(ana, 2);
  expect((await reads(ana)).seqs).toEqual([2, 3]);
  for (const one of [caller, maya]) expect(await reads(one)).toEqual({ seqs: [1, 2, 3], epochs: [1, 2] });
});

test('[CS2] the same by person; who was in it from the start, a stranger, and what was taken back already are not there', async () => {
  await says(caller, 1);
  const escalationId = await anaJoins();
  await says(maya, 2);
  const revoke = async (partyId: string, by = caller) => {
    const done = await revokeFor(line.deps, by, { ...line.command(), conversationId, partyId });
    return done.ok ? 'ok' : done.code;
  };
  expect(await revoke(maya.id)).toBe('party.gone');
  expect(await revoke(randomUUID())).toBe('party.gone');
  expect(await revoke(ana.id, await line.caller())).toBe('conversation.gone');
  expect(await reads(ana)).toEqual(all);
  expect(await revoke(ana.id)).toBe('ok');
  expect(await reads(ana)).toEqual(ownOnly);
  expect(await line.rows('select share from escalation where id = $1', escalationId)).toEqual([{ share: 'nothing' }]);
  expect(await revoke(ana.id)).toBe('party.gone');
});

test('[CS2] what a colleague was let see is taken back like what a clinician was', async () => {
  await says(caller, 1);
  const ben = await line.peer('Ben');
  const invitationId = await inviting(line).ring(maya, caller, conversationId, { share: 'conversation' });
  must(await acceptInvitation(line.deps, ben, { ...line.command(), invitationId }));
  await says(maya, 2);
  expect([await reads(ben), (await parties()).at(-1)]).toEqual([all, 'Ben all agreed']);
  must(await revokeFor(line.deps, caller, { ...line.command(), conversationId, partyId: ben.id }));
  expect([await reads(ben), (await parties()).at(-1)]).toEqual([ownOnly, 'Ben fromJoining']);
  const rows = await line.rows<{ revoked: boolean }>(
    'select revoked_at is not null as revoked from disclosure_consent',
  );
  expect(rows).toEqual([{ revoked: true }]);
});
