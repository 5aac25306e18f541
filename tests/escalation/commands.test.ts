import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { answerHandOff } from '@hearthline/server/commands/escalations/answerHandOff';
import { acknowledgePage, declinePage } from '@hearthline/server/commands/escalations/answerPage';
import { revokeShare } from '@hearthline/server/commands/escalations/consent';
import { goOn } from '@hearthline/server/commands/escalations/goOn';
import { joinEscalation } from '@hearthline/server/commands/escalations/joinEscalation';
import { pageSettled } from '@hearthline/server/commands/escalations/pageSettled';
import { askForClinician, raiseEscalation } from '@hearthline/server/commands/escalations/raiseEscalation';
import { readEscalation } from '@hearthline/server/commands/escalations/readEscalation';
import { callAgain, withdrawEscalation } from '@hearthline/server/commands/escalations/withdrawEscalation';
import { acceptInvitation } from '@hearthline/server/commands/invitations/takeInvitation';
import { leaveConversation } from '@hearthline/server/commands/parties/leaveConversation';
import { callerView } from '@hearthline/server/presenters/callerView';
import { clinicianView } from '@hearthline/server/presenters/clinicianView';
import { deskView } from '@hearthline/server/presenters/deskView';
import type { StaffActor } from '@hearthline/server/policies/actor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inviting } from '../support/invitations.ts';
import { must } from '../support/line.ts';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';

let line: OnCallLine;
beforeEach(async () => {
  line = await onCallLine();
});
afterEach(() => line.close());

const pages = (id: string) =>
  line.rows<{ id: string; staff_id: string; step: number; attempt: number; state: string; answer: string | null }>(
    'select id, staff_id, step, attempt, state, answer from page where escalation_id = $1 order by made_at, step',
    id,
  );
const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';
async function crew() {
  const [ana, tom] = [await line.clinician('Ana', 'primary'), await line.clinician('Tom', 'backup')];
  return { ana, tom, ...(await line.talk()) };
}
const escalationOf = async (peer: StaffActor) => (await deskView(line.deps, peer)).conversations[0]?.escalation;

test('[ES1] advice: the first on the ladder is called at once, and both sides see it', async () => {
  const { ana, peer, caller, conversationId } = await crew();
  const desk = await deskView(line.deps, peer);
  expect(desk.line?.onCall?.people.map((p) => p.name)).toEqual(['Ana', 'Tom']); // before the press
  const id = await line.raise(peer, conversationId, 'consult');
  expect(await pages(id)).toMatchObject([{ staff_id: ana.id, step: 1, attempt: 1, state: 'due' }]);
  expect(await escalationOf(peer)).toMatchObject({ id, state: 'paging', attempts: [{ name: 'Ana', means: 'alarm' }] });
  expect(await callerView(line.deps, caller)).toMatchObject({
    conversation: {
      canAskClinician: false,
      escalation: { kind: 'consult', clinician: { name: 'Ana', title: 'nurse' } },
    },
  });
  expect((await clinicianView(line.deps, ana)).escalations).toMatchObject([
    { id, mine: 'ringing', peer: { name: 'Maya' }, next: { name: 'Tom' } },
  ]);
});

test('[ES1][ES8] a second peer sees how it goes; calling and taking back are for whoever holds the talk', async () => {
  const { peer, caller, conversationId } = await crew();
  const ben = await line.peer('Ben');
  const invitationId = await inviting(line).ring(peer, caller, conversationId);
  must(await acceptInvitation(line.deps, ben, { ...line.command(), invitationId }));
  const of = async (who: StaffActor) => (await deskView(line.deps, who)).conversations[0];
  expect([(await of(peer))?.can.includes('raise'), (await of(ben))?.can.includes('raise')]).toEqual([true, false]);
  const id = await line.raise(peer, conversationId, 'consult');
  expect(await escalationOf(peer)).toMatchObject({ id, can: ['withdraw'] });
  expect(await escalationOf(ben)).toMatchObject({ id, can: [] });
  expect(await code(withdrawEscalation(line.deps, ben, { ...line.command(), escalationId: id }))).toBe(
    'escalation.gone',
  );
});

test('[ES15][PA6] a peer who had advice leaves a talk that goes on: the advice is over, and is the clinician’s to close', async () => {
  const { ana, peer, caller, conversationId } = await crew();
  const ben = await line.peer('Ben');
  const invitationId = await inviting(line).ring(peer, caller, conversationId);
  must(await acceptInvitation(line.deps, ben, { ...line.command(), invitationId }));
  const id = await line.raise(peer, conversationId, 'consult');
  must(await acknowledgePage(line.deps, ana, { ...line.command(), escalationId: id }));
  must(await joinEscalation(line.deps, ana, { ...line.command(), escalationId: id }));
  must(await leaveConversation(line.deps, peer, { ...line.command(), conversationId }));
  expect(await line.facts(id)).toMatchObject({ state: 'left', owner_id: ana.id });
  expect((await callerView(line.deps, caller)).stage).toBe('talking');
  const again = await line.raise(ben, conversationId, 'consult');
  expect(await line.facts(again)).toMatchObject({ state: 'paging' });
});

test('[ES1][ES3] a clinician who is to join is called when the caller has said yes, and sees what was agreed to', async () => {
  const { ana, peer, caller, conversationId } = await crew();
  const id = await line.raise(peer, conversationId, 'handOff');
  expect(await pages(id)).toEqual([]);
  expect(await callerView(line.deps, caller)).toMatchObject({
    conversation: { escalation: { state: 'asking', summary: 'Not sleeping.' } },
  });
  const answer = { escalationId: id, yes: true, share: 'summary' as const, summary: 'Not sleeping since May.' };
  expect(await code(answerHandOff(line.deps, caller, { ...line.command(), escalationId: id, yes: true }))).toBe(
    'escalation.shareMissing',
  );
  must(await answerHandOff(line.deps, caller, { ...line.command(), ...answer }));
  expect(await line.facts(id)).toMatchObject({ state: 'paging', share: 'summary' });
  expect(await code(readEscalation(line.deps, ana, id))).toBe('escalation.gone'); // not hers yet
  must(await acknowledgePage(line.deps, ana, { ...line.command(), escalationId: id }));
  expect(must(await readEscalation(line.deps, ana, id))).toEqual({
    reason: 'Asks about tablets.',
    summary: 'Not sleeping since May.',
    callerName: 'Sparrow',
  });
  expect(await line.audited('escalation.read')).toBe(1);
});

test('[ES3] a no calls nobody and sends nothing; the peer still holds the talk, and may ask again', async () => {
  const { peer, caller, conversationId } = await crew();
  const id = await line.raise(peer, conversationId, 'handOff');
  must(await answerHandOff(line.deps, caller, { ...line.command(), escalationId: id, yes: false }));
  expect(await pages(id)).toEqual([]);
  expect(await line.facts(id)).toMatchObject({ state: 'refused', owner_id: null });
  expect(await callerView(line.deps, caller)).toMatchObject({ conversation: { peerId: peer.id, escalation: null } });
  await line.raise(peer, conversationId, 'handOff');
});

test('[ES3] what the caller shares is a row of its own; taken back, nothing is shown from then on', async () => {
  const { ana, peer, caller, conversationId } = await crew();
  const id = await line.handOff(peer, caller, conversationId, 'summary');
  must(await acknowledgePage(line.deps, ana, { ...line.command(), escalationId: id }));
  must(await revokeShare(line.deps, caller, { ...line.command(), escalationId: id }));
  expect(must(await readEscalation(line.deps, ana, id))).toMatchObject({ summary: null, callerName: null });
  expect(await line.rows('select version, share, revoked_at is not null as revoked from disclosure_consent')).toEqual([
    { version: 1, share: 'summary', revoked: true },
  ]);
  expect(await code(revokeShare(line.deps, caller, { ...line.command(), escalationId: id }))).toBe('escalation.gone');
});

test('[C8] the caller asks for a clinician themselves: that is the consent', async () => {
  const { ana, caller, conversationId } = await crew();
  const { escalationId: id } = must(
    await askForClinician(line.deps, caller, { ...line.command(), conversationId, share: 'nothing' }),
  );
  expect(await pages(id)).toMatchObject([{ staff_id: ana.id }]);
  expect(await line.rows('select share from disclosure_consent')).toEqual([{ share: 'nothing' }]);
});

test('[I21] pressed twice: one escalation; with another press beside it: refused, and the first goes on', async () => {
  const { peer, conversationId } = await crew();
  const input = { ...line.command(), conversationId, kind: 'consult' as const };
  const twice = await Promise.all([1, 2].map(() => raiseEscalation(line.deps, peer, input)));
  expect(twice.map((r) => must(r).escalationId)).toEqual([input.commandId, input.commandId]);
  expect(await code(raiseEscalation(line.deps, peer, { ...input, ...line.command() }))).toBe('escalation.open');
  expect(await pages(input.commandId)).toHaveLength(1);
});

test('[B17] who may not: another peer, a life at risk without a reason, a talk that is over, a line without clinicians', async () => {
  const { peer, conversationId } = await crew();
  const raise = (who: StaffActor, over: object = {}) =>
    code(
      raiseEscalation(line.deps, who, { ...line.command(), conversationId, kind: 'safety', reason: 'Pills.', ...over }),
    );
  expect(await raise(await line.peer('Idris'))).toBe('conversation.gone');
  expect(await raise(peer, { reason: '  ' })).toBe('escalation.reasonMissing');
  must(await endConversation(line.deps, peer, { ...line.command(), conversationId, reason: 'finished' }));
  expect(await raise(peer)).toBe('conversation.ended');
  const plain = await onCallLine({ escalation: undefined });
  const talk = await plain.talk();
  const pressed = { ...line.command(), conversationId: talk.conversationId, kind: 'consult' as const };
  expect(await code(raiseEscalation(plain.deps, talk.peer, pressed))).toBe('escalation.notOffered');
  await plain.close();
});

test('[ES4][I8] without an answer the next one is called, and at the end it is loud for every coordinator', async () => {
  const { ana, tom, peer, conversationId } = await crew();
  const rosa = await line.coordinator('Rosa');
  await line.coordinator('Unreachable', false);
  const id = await line.raise(peer, conversationId, 'consult');
  expect(must(await goOn(line.deps, id))).toEqual({ done: false }); // not before its time
  await line.late(id);
  must(await goOn(line.deps, id));
  await line.late(id);
  must(await goOn(line.deps, id));
  expect(await line.facts(id)).toMatchObject({ state: 'exhausted', next_due_at: null });
  expect((await pages(id)).map((p) => [p.staff_id, p.step])).toEqual([
    [ana.id, 1],
    [tom.id, 2],
    [rosa.id, 0],
  ]);
  expect(await escalationOf(peer)).toMatchObject({ state: 'exhausted', can: ['withdraw', 'again'] });
  expect(await line.audited('escalation.exhausted')).toBe(1);
  must(await callAgain(line.deps, peer, { ...line.command(), escalationId: id }));
  expect(await line.facts(id)).toMatchObject({ state: 'paging', step: 1, paged_id: ana.id });
});

test('[ES2][F22] nobody on call, or only somebody whom nothing reaches: loud at once', async () => {
  const unreachable = await line.clinician('Ana', 'primary', false);
  const { peer, conversationId } = await line.talk();
  expect((await deskView(line.deps, peer)).line?.onCall?.people).toEqual([]);
  const id = await line.raise(peer, conversationId, 'safety');
  expect(await line.facts(id)).toMatchObject({ state: 'exhausted' });
  expect((await clinicianView(line.deps, unreachable)).escalations).toEqual([]);
});

test('[ES5] "I can’t" and a means that fails call the next one at once; a means that is under way does not', async () => {
  const { ana, tom, peer, conversationId } = await crew();
  const id = await line.raise(peer, conversationId, 'consult');
  const [first] = await pages(id);
  await pageSettled(line.deps, first?.id ?? '');
  expect(await line.facts(id)).toMatchObject({ step: 1 });
  await line.rows(`update page set state = 'failed', failure = 'noPage' where id = $1`, first?.id);
  await pageSettled(line.deps, first?.id ?? '');
  expect(await line.facts(id)).toMatchObject({ state: 'paging', step: 2, paged_id: tom.id });
  must(await declinePage(line.deps, tom, { ...line.command(), escalationId: id }));
  expect(await line.facts(id)).toMatchObject({ state: 'exhausted' });
  // late, but better than nobody
  must(await acknowledgePage(line.deps, ana, { ...line.command(), escalationId: id }));
  expect(await line.facts(id)).toMatchObject({ state: 'acknowledged', owner_id: ana.id });
});

test('[ES6][B17] acknowledged by somebody who was not called, twice, after another, and when it is over', async () => {
  const { ana, tom, peer, conversationId } = await crew();
  const id = await line.raise(peer, conversationId, 'consult');
  const ack = (who: StaffActor) => code(acknowledgePage(line.deps, who, { ...line.command(), escalationId: id }));
  expect(await ack(tom)).toBe('escalation.gone');
  await line.late(id);
  must(await goOn(line.deps, id)); // Tom is called too
  expect(await ack(ana)).toBe('ok'); // step 1, after step 2 was called (I10)
  expect(await ack(ana)).toBe('ok');
  expect(await ack(tom)).toBe('escalation.taken');
  expect((await clinicianView(line.deps, tom)).escalations).toMatchObject([{ mine: 'theirs', owner: { name: 'Ana' } }]);
  expect(await line.audited('escalation.acknowledged')).toBe(1);
  must(await withdrawEscalation(line.deps, peer, { ...line.command(), escalationId: id }));
  expect(await ack(ana)).toBe('escalation.over');
  expect((await clinicianView(line.deps, ana)).escalations).toEqual([]);
});

test('[ES4][F21] whoever said so and does not come: the ladder goes on, the peer is told', async () => {
  const { ana, tom, peer, conversationId } = await crew();
  const id = await line.raise(peer, conversationId, 'consult');
  must(await acknowledgePage(line.deps, ana, { ...line.command(), escalationId: id }));
  await line.late(id);
  must(await goOn(line.deps, id));
  expect(await line.facts(id)).toMatchObject({ state: 'paging', paged_id: tom.id, owner_id: null });
  expect(await escalationOf(peer)).toMatchObject({ state: 'paging', owner: null });
});

test('[ES8] taken back by either side, and by the end of the talk: nobody is called any more', async () => {
  const { peer, caller, conversationId } = await crew();
  const take = async (by: 'caller' | 'peer', id: string) =>
    code(withdrawEscalation(line.deps, by === 'caller' ? caller : peer, { ...line.command(), escalationId: id }));
  expect(await take('caller', await line.handOff(peer, caller, conversationId, 'nothing'))).toBe('ok');
  const risk = await line.raise(peer, conversationId, 'safety');
  expect(await take('caller', risk)).toBe('escalation.gone'); // that is not theirs to take back
  expect(await take('peer', risk)).toBe('ok');
  const id = await line.raise(peer, conversationId, 'consult');
  must(await endConversation(line.deps, caller, { ...line.command(), conversationId, reason: 'finished' }));
  expect(await line.facts(id)).toMatchObject({ state: 'withdrawn', next_due_at: null });
  expect(await line.rows(`select 1 from due where kind = 'escalation.goOn'`)).toEqual([]);
});

test('[I8] a ladder that is taken from the line while it is climbed is loud, and does not sleep', async () => {
  const { peer, conversationId } = await crew();
  const id = await line.raise(peer, conversationId, 'consult');
  await line.rows(`update line set config = config - 'escalation'`);
  await line.deps.lines.load();
  await line.late(id);
  must(await goOn(line.deps, id));
  expect(await line.facts(id)).toMatchObject({ state: 'exhausted' });
});
