import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { acknowledgePage, declinePage } from '@hearthline/server/commands/escalations/answerPage';
import { goOn } from '@hearthline/server/commands/escalations/goOn';
import { pageSettled } from '@hearthline/server/commands/escalations/pageSettled';
import { raiseEscalation } from '@hearthline/server/commands/escalations/raiseEscalation';
import type { Deps } from '@hearthline/server/deps';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';

const rounds = 15;
let line: OnCallLine;
let other: Deps;
beforeEach(async () => {
  line = await onCallLine();
  other = await line.node();
});
afterEach(() => line.close());

/** A talk of a peer of its own, with an escalation at its first or second step. */
async function calling(step: 1 | 2 = 1) {
  const { peer, caller, conversationId } = await line.talk();
  const id = await line.raise(peer, conversationId, 'consult');
  if (step === 2) {
    await line.late(id);
    await goOn(line.deps, id);
  }
  return { peer, caller, conversationId, id };
}
const done = (results: { ok: boolean; code?: string }[]) => results.map((r) => r.code ?? 'ok').toSorted();
const pagesOf = (id: string) =>
  line.rows<{ step: number; attempt: number; n: number }>(
    'select step, attempt, count(*)::int as n from page where escalation_id = $1 group by 1, 2 order by 1, 2',
    id,
  );

test('[I10] two clinicians say "I’m on it" in the same moment on two nodes: one has it, both see who', async () => {
  const [ana, tom] = [await line.clinician('Ana', 'primary'), await line.clinician('Tom', 'backup')];
  for (let round = 0; round < rounds; round++) {
    const { id } = await calling(2);
    const acts = [
      acknowledgePage(line.deps, ana, { ...line.command(), escalationId: id }),
      acknowledgePage(other, tom, { ...line.command(), escalationId: id }),
    ];
    expect(done(await Promise.all(acts))).toEqual(['escalation.taken', 'ok']);
    const { state, owner_id: owner } = await line.facts(id);
    expect([state, [ana.id, tom.id].includes(owner ?? '')]).toEqual(['acknowledged', true]);
  }
});

test('[I8][I10] an answer in the moment in which the next one is called: answered, and nobody is called twice on a rung', async () => {
  const ana = await line.clinician('Ana', 'primary');
  await line.clinician('Tom', 'backup');
  for (let round = 0; round < rounds; round++) {
    const { id } = await calling();
    await line.late(id);
    const acts = [
      goOn(line.deps, id),
      acknowledgePage(other, ana, { ...line.command(), escalationId: id }),
      goOn(other, id),
    ];
    await Promise.all(round % 2 ? acts : acts.toReversed());
    expect(await line.facts(id)).toMatchObject({ state: 'acknowledged', owner_id: ana.id });
    for (const rung of await pagesOf(id)) expect(rung).toMatchObject({ attempt: 1, n: 1 });
  }
});

test('[I8] timer, a "no" and a means that failed at once, on two nodes: one step up, not three', async () => {
  const ana = await line.clinician('Ana', 'primary');
  const tom = await line.clinician('Tom', 'backup');
  for (let round = 0; round < rounds; round++) {
    const { id } = await calling();
    await line.late(id);
    const [page] = await line.rows<{ id: string }>(
      `update page set state = 'failed' where escalation_id = $1 returning id`,
      id,
    );
    await Promise.all([
      goOn(line.deps, id),
      pageSettled(other, page?.id ?? ''),
      declinePage(line.deps, ana, { ...line.command(), escalationId: id }),
      goOn(other, id),
    ]);
    expect(await line.facts(id)).toMatchObject({ state: 'paging', step: 2, paged_id: tom.id });
    expect(await pagesOf(id)).toEqual([
      { step: 1, attempt: 1, n: 1 },
      { step: 2, attempt: 1, n: 1 },
    ]);
  }
});

test('[ES11] the caller leaves while a clinician says so: over, whoever was first, and nobody is called any more', async () => {
  const ana = await line.clinician('Ana', 'primary');
  for (let round = 0; round < rounds; round++) {
    const { id, caller, conversationId } = await calling();
    const acts = [
      endConversation(line.deps, caller, { ...line.command(), conversationId, reason: 'finished' }),
      acknowledgePage(other, ana, { ...line.command(), escalationId: id }),
      goOn(other, id),
    ];
    await Promise.all(round % 2 ? acts : acts.toReversed());
    expect(await line.facts(id)).toMatchObject({ state: 'withdrawn', next_due_at: null });
    expect(await line.rows('select 1 from due where subject_id = $1', id)).toEqual([]);
  }
});

test('[ES1] peer pressed on two machines at once: one escalation, the other press is told', async () => {
  await line.clinician('Ana', 'primary');
  for (let round = 0; round < rounds; round++) {
    const { peer, conversationId } = await line.talk();
    const press = (deps: Deps) =>
      raiseEscalation(deps, peer, { ...line.command(), conversationId, kind: 'safety', reason: 'Pills.' });
    expect(done(await Promise.all([press(line.deps), press(other)]))).toEqual(['escalation.open', 'ok']);
    expect(await line.rows('select 1 from escalation where conversation_id = $1', conversationId)).toHaveLength(1);
  }
});
