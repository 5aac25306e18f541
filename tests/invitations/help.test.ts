import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { acceptInvitation, declineInvitation } from '@hearthline/server/commands/invitations/takeInvitation';
import { leaveConversation, removeParty } from '@hearthline/server/commands/parties/leaveConversation';
import { staffAway } from '@hearthline/server/commands/parties/staffPresence';
import { returnCaller } from '@hearthline/server/commands/conversations/returnCaller';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { callerView } from '@hearthline/server/presenters/callerView';
import { colleaguesFor } from '@hearthline/server/presenters/colleagues';
import { deskView } from '@hearthline/server/presenters/deskView';
import { presenceEpochKey, presenceKey } from '@hearthline/server/storage/redis/keys';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inviting } from '../support/invitations.ts';
import { must } from '../support/line.ts';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';

let line: OnCallLine;
let t: ReturnType<typeof inviting>;
let maya: StaffActor;
let rosa: StaffActor;
let caller: CallerActor;
let conversationId: string;
beforeEach(async () => {
  line = await onCallLine();
  t = inviting(line);
  ({ peer: maya, caller, conversationId } = await line.talk());
  rosa = await line.coordinator('Rosa');
  await pages(rosa);
});
afterEach(() => line.close());

const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';
const of = (invitationId: string) => ({ ...t.command(), invitationId });
/** These have a page open, and nobody else: it has been known for a minute who has. */
async function pages(...who: StaffActor[]): Promise<void> {
  const { redis, clock } = line.deps;
  await redis.set(presenceEpochKey, String(clock.now().getTime() - 60_000));
  await redis.del(presenceKey);
  for (const { id } of who) await redis.zadd(presenceKey, clock.now().getTime() + 60_000, id);
}
async function parties() {
  const view = await callerView(line.deps, caller);
  if (view.stage !== 'talking') return view.stage;
  return view.conversation.parties.map((p) => `${p.name} ${p.role}${p.holds ? ' holds' : ''}`);
}
const comes = async (share: 'nothing' | 'conversation' = 'nothing') => {
  const id = await t.ring(maya, caller, conversationId, { purpose: 'help', share });
  must(await acceptInvitation(line.deps, rosa, of(id)));
};

test('[IN7] only a coordinator of the line with a page open is asked, in turn; nobody there is said before anybody is asked', async () => {
  const noel = await line.coordinator('Noel');
  expect(must(await colleaguesFor(line.deps, maya, conversationId)).coordinators).toEqual([
    { id: rosa.id, name: 'Rosa', title: 'nurse' },
  ]);
  expect(await code(t.make(maya, conversationId, 'help', { staffId: noel.id }))).toBe('invitation.nobody');
  expect(await code(t.make(maya, conversationId, 'join', { staffId: rosa.id }))).toBe('invitation.nobody');
  await pages();
  expect(await code(t.make(maya, conversationId, 'help'))).toBe('invitation.nobody');
  await pages(rosa, noel);
  const id = await t.ring(maya, caller, conversationId, { purpose: 'help' });
  const first = (await t.facts(id))?.rings_id;
  must(await declineInvitation(line.deps, first === rosa.id ? rosa : noel, of(id)));
  const second = (await t.facts(id))?.rings_id;
  expect(new Set([first, second])).toEqual(new Set([rosa.id, noel.id]));
  expect((await deskView(line.deps, second === rosa.id ? rosa : noel)).invitations).toMatchObject([
    { id, purpose: 'help', from: 'Maya' },
  ]);
});

test('[IN7][PA1] they come in as coordinator, seen by all, from their own desk, and take no room of anybody', async () => {
  await comes();
  expect(await parties()).toEqual(['Sparrow caller', 'Maya peer holds', 'Rosa coordinator']);
  const desk = await deskView(line.deps, rosa);
  expect(desk.peer).toMatchObject({ state: 'off', can: [], chats: 0 });
  expect(desk.conversations).toMatchObject([{ id: conversationId, as: 'coordinator', can: ['leave'], name: null }]);
  expect(JSON.stringify(desk)).not.toContain('Sparrow');
  expect(await code(leaveConversation(line.deps, rosa, { ...t.command(), conversationId }))).toBe('ok');
  expect((await deskView(line.deps, rosa)).conversations).toEqual([]);
  expect(await t.one('select count(*)::int as n from wrap_up')).toEqual({ n: 0 });
});

test('[IN7][CS2] who may see what was written before sees the name too', async () => {
  await comes('conversation');
  expect((await deskView(line.deps, rosa)).conversations).toMatchObject([{ name: 'Sparrow', fromSeq: 1 }]);
});

test('[CT2][CT3] the coordinator has it when the peer leaves or is lost, and nobody is dropped', async () => {
  await comes();
  await staffAway(line.deps, maya.id);
  await line.deps.sql.query(`update conversation set peer_lost_at = now() - interval '2 minutes'`, []);
  must(await returnCaller(line.deps, conversationId));
  expect(await parties()).toEqual(['Sparrow caller', 'Rosa coordinator holds']);
  must(await endConversation(line.deps, rosa, { ...t.command(), conversationId, reason: 'finished' }));
  expect(await parties()).toBe('ended');
  expect(await t.one('select count(*)::int as n from wrap_up where peer_id = $1', rosa.id)).toEqual({ n: 0 });
});

test('[CT5] the caller asks anybody to leave, but the last who could hold it', async () => {
  await comes();
  const remove = (who: StaffActor) =>
    code(removeParty(line.deps, caller, { ...t.command(), conversationId, partyId: who.id }));
  expect(await remove(maya)).toBe('ok');
  expect(await parties()).toEqual(['Sparrow caller', 'Rosa coordinator holds']);
  expect(await remove(rosa)).toBe('party.last');
});
