import { acknowledgePage } from '@hearthline/server/commands/escalations/answerPage';
import { closeEscalation } from '@hearthline/server/commands/escalations/closeEscalation';
import { joinEscalation } from '@hearthline/server/commands/escalations/joinEscalation';
import { keepOutcome, readOutcome } from '@hearthline/server/commands/escalations/outcomeDraft';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { purgeDue } from '@hearthline/server/due/keepKeys';
import type { StaffActor } from '@hearthline/server/policies/actor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must } from '../support/line.ts';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';

let line: OnCallLine;
let ana: StaffActor;
let peer: StaffActor;
let conversationId: string;
let escalationId: string;
beforeEach(async () => {
  line = await onCallLine();
  ana = await line.clinician('Ana', 'primary');
  const talk = await line.talk();
  ({ peer, conversationId } = talk);
  escalationId = await line.handOff(peer, talk.caller, conversationId, 'nothing');
  must(await acknowledgePage(line.deps, ana, of()));
});
afterEach(() => line.close());

const of = () => ({ ...line.command(), escalationId });
const join = async () => must(await joinEscalation(line.deps, ana, of()));
const begun = { told: 'She will', note: 'A note.', safetyPlan: '', referrals: '' };
const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';
const keep = (who: StaffActor, draft: object = begun) =>
  keepOutcome(line.deps, who, { escalationId, ...begun, ...draft });
const read = async (who: StaffActor = ana) => must(await readOutcome(line.deps, who, escalationId)).draft;
const outcome = { disposition: 'advised', told: 'All well.', note: 'A longer note.' } as const;

test('[ES17] what is filled in is kept for whoever joined, each replacing the one before, and gone once it is sent', async () => {
  expect(await code(keep(ana))).toBe('escalation.gone'); // not joined yet
  await join();
  expect(await read()).toBeNull();
  must(await keep(ana));
  must(await keep(ana, { disposition: 'referred', followUpHours: 24 }));
  expect(await read()).toEqual({ ...begun, disposition: 'referred', followUpHours: 24 });
  const tom = await line.clinician('Tom', 'backup');
  for (const who of [tom, peer]) {
    expect(await code(keep(who))).toBe('escalation.gone');
    expect(await code(readOutcome(line.deps, who, escalationId))).toBe('escalation.gone');
  }
  const sealed = await line.rows<{ sealed: Buffer }>('select sealed from sealed_field');
  expect(sealed.some(({ sealed: bytes }) => bytes.toString('latin1').includes('A note.'))).toBe(false);
  must(await closeEscalation(line.deps, ana, { ...of(), ...outcome }));
  expect(await code(readOutcome(line.deps, ana, escalationId))).toBe('escalation.gone');
  expect(await line.rows(`select 1 from sealed_field where field = 'draft'`)).toEqual([]);
});

test('[ES17][I17] nothing is written into what was purged, by a draft or by closing it late', async () => {
  await join();
  must(await keep(ana));
  must(await endConversation(line.deps, peer, { ...line.command(), conversationId, reason: 'finished' }));
  await line.rows(`update conversation set purge_due_at = now() - interval '1 minute'`);
  await purgeDue(line.deps);
  expect(await read()).toBeNull();
  expect(await code(keep(ana))).toBe('escalation.over');
  must(await closeEscalation(line.deps, ana, { ...of(), ...outcome }));
  const left = await line.rows(`select 1 from sealed_field where owner_id = $1`, escalationId);
  expect([left, await line.rows('select 1 from record_key where owner_id = $1', escalationId)]).toEqual([[], []]);
});
