import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { answerHandOff } from '@hearthline/server/commands/escalations/answerHandOff';
import { acknowledgePage, declinePage } from '@hearthline/server/commands/escalations/answerPage';
import { closeEscalation } from '@hearthline/server/commands/escalations/closeEscalation';
import { goOn } from '@hearthline/server/commands/escalations/goOn';
import { joinEscalation } from '@hearthline/server/commands/escalations/joinEscalation';
import { askForClinician, raiseEscalation } from '@hearthline/server/commands/escalations/raiseEscalation';
import { callAgain, withdrawEscalation } from '@hearthline/server/commands/escalations/withdrawEscalation';
import { markDone, markUndelivered } from '@hearthline/server/commands/means/markPage';
import type { Deps } from '@hearthline/server/deps';
import { purgeDue } from '@hearthline/server/due/keepKeys';
import { usualTimes } from '@hearthline/server/onCall/usualTimes';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { measuresView } from '@hearthline/server/presenters/measuresView';
import type { EscalationKind } from '@hearthline/shared/contracts/escalation';
import { MeasuresView } from '@hearthline/shared/contracts/measures';
import { dayOf, daysBefore } from '@hearthline/shared/domain/measures';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { knocker } from '../access/doorRows.ts';
import { must } from '../support/line.ts';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';
import { staffed } from './people.ts';

let line: OnCallLine;
let ana: StaffActor, tom: StaffActor;
let talk: { caller: CallerActor; peer: StaffActor; conversationId: string };
let now: number;
beforeEach(async () => {
  line = await onCallLine({ timeZone: 'America/Chicago' });
  [ana, tom] = [await line.clinician('Ana', 'primary'), await line.clinician('Tom', 'backup')];
  talk = await line.talk();
  now = Date.parse('2026-10-05T15:00:00Z');
});
afterEach(() => line.close());

/** The same line at the time of this test, which goes on only when it is told to. */
const deps = (): Deps => ({ ...line.deps, clock: { now: () => new Date(now), offsetMs: () => 0 } });
const after = (seconds: number) => void (now += seconds * 1000);
const of = (escalationId: string) => ({ ...line.command(), escalationId });

async function raise(kind: EscalationKind): Promise<string> {
  const input = { ...line.command(), conversationId: talk.conversationId, kind, reason: 'Pills.' };
  return must(await raiseEscalation(deps(), talk.peer, input)).escalationId;
}
const says = async (id: string, yes: boolean) =>
  must(await answerHandOff(deps(), talk.caller, { ...of(id), yes, ...(yes ? { share: 'nothing' as const } : {}) }));
const answers = async (who: StaffActor, id: string) => must(await acknowledgePage(deps(), who, of(id)));
const joins = async (who: StaffActor, id: string) => must(await joinEscalation(deps(), who, of(id)));
const closes = async (who: StaffActor, id: string) =>
  must(await closeEscalation(deps(), who, { ...of(id), disposition: 'advised', told: '' }));
const takesBack = async (who: StaffActor | CallerActor, id: string) =>
  must(await withdrawEscalation(deps(), who, of(id)));
/** Its time is over, and it goes on. */
async function climbs(id: string): Promise<void> {
  const [row] = await line.rows<{ next_due_at: Date }>('select next_due_at from escalation where id = $1', id);
  now = Math.max(now, row?.next_due_at.getTime() ?? now);
  must(await goOn(deps(), id));
}
/** Both steps are over, and nobody is left. */
async function isSpent(id: string): Promise<void> {
  for (const step of [1, 2]) {
    expect(await line.facts(id)).toMatchObject({ state: 'paging', step });
    await climbs(id);
  }
}
/** What is due is claimed and handed over now. */
async function handedOver(id: string, done: Parameters<typeof markDone>[2] = { state: 'sent' }): Promise<string[]> {
  const pages = await line.rows<{ id: string }>(
    `update page set state = 'sending', claimed_at = $2 where escalation_id = $1 and state = 'due' returning id`,
    ...[id, new Date(now)],
  );
  for (const page of pages) await markDone(deps(), page.id, done);
  return pages.map((page) => page.id);
}
/** Advice that Ana gives: answered and joined after so many seconds. */
async function advice(answered: number, joined: number): Promise<void> {
  const id = await raise('consult');
  after(answered);
  await answers(ana, id);
  after(joined - answered);
  await joins(ana, id);
  await closes(ana, id);
}
async function view(from = '2026-10-01', to = '2026-10-31'): Promise<MeasuresView> {
  const [first] = line.deps.lines.all();
  if (!first) throw new Error('no line');
  return MeasuresView.parse(await measuresView(deps(), first, { from, to }, to));
}
const endsOf = ({ ends }: MeasuresView) =>
  Object.fromEntries(
    ends.flatMap(({ kind, raisedBy, of: counts }) =>
      Object.entries(counts).flatMap(([how, n]) => (n > 0 ? [[`${kind} ${raisedBy} ${how}`, n]] : [])),
    ),
  );
const none = { cases: 0, half: null, nineOfTen: null };

test('nobody was called in these days: each number is 0 and each time a dash', async () => {
  const seen = await view();
  expect(seen).toMatchObject({ cases: 0, firstPage: none, answer: none, join: none, pages: [] });
  expect(seen.steps).toEqual([
    { step: 1, layer: 'primary', called: 0, answer: none, join: none },
    { step: 2, layer: 'backup', called: 0, answer: none, join: none },
  ]);
  expect(endsOf(seen)).toEqual({});
  expect(new Set(Object.values(seen.counts))).toEqual(new Set([0]));
});

describe('[MS2][MS3] three times on one clock', () => {
  test('half and nine of ten, of five cases at least, and the answer is the usual time of RO6', async () => {
    for (const seconds of [10, 20, 30, 40]) await advice(seconds, seconds * 2);
    expect(await view()).toMatchObject({
      answer: { cases: 4, half: null, nineOfTen: null },
      join: { cases: 4, half: null, nineOfTen: null },
    });
    await advice(60, 120);
    const seen = await view();
    expect(seen.answer).toEqual({ cases: 5, half: 30, nineOfTen: 52 });
    expect(seen.join).toEqual({ cases: 5, half: 60, nineOfTen: 104 });
    expect(seen.firstPage).toEqual(none); // made, and taken by nobody
    expect(await usualTimes(deps(), line.lineId)).toEqual({ p50: 30, p90: 52 });
  });

  test('the first call is when a provider takes one to a clinician, not when it is made, nor a coordinator’s', async () => {
    await line.coordinator('Rosa');
    for (const seconds of [1, 2, 3, 4]) {
      const id = await raise('consult');
      after(seconds);
      await handedOver(id);
      after(100);
      await handedOver(id); // nothing more is due
      await takesBack(talk.peer, id);
    }
    const id = await raise('consult');
    await isSpent(id);
    await line.rows(`update page set state = 'failed', failure = 'late' where escalation_id = $1 and step > 0`, id);
    expect(await handedOver(id)).toHaveLength(1); // Rosa's
    expect((await view()).firstPage).toEqual({ cases: 4, half: null, nineOfTen: null });
    await takesBack(talk.peer, id);
    const fifth = await raise('consult');
    after(9);
    await handedOver(fifth);
    expect((await view()).firstPage).toEqual({ cases: 5, half: 3, nineOfTen: 7 });
  });

  test('where the caller is asked first the clock starts with their yes; it starts once', async () => {
    for (let n = 0; n < 5; n++) {
      const id = await raise('handOff');
      after(200); // thinks
      await says(id, true);
      await isSpent(id); // 120 s after the yes
      after(30);
      must(await callAgain(deps(), talk.peer, of(id)));
      after(10);
      await answers(ana, id);
      await joins(ana, id);
      await closes(ana, id);
    }
    const seen = await view();
    expect(seen.answer).toEqual({ cases: 5, half: 160, nineOfTen: 160 });
    expect(seen.counts).toMatchObject({ begun: 5, answered: 5, exhausted: 5, exhaustedJoined: 5, answeredLate: 0 });
  });

  test('the first answer counts, although somebody else came', async () => {
    for (let n = 0; n < 5; n++) {
      const id = await raise('safety');
      after(5);
      await answers(ana, id);
      after(5);
      must(await declinePage(deps(), ana, of(id)));
      after(40);
      await answers(tom, id);
      after(10);
      await joins(tom, id);
      await closes(tom, id);
    }
    const { answer, join, steps } = await view();
    expect([answer.half, join.half]).toEqual([5, 60]);
    expect(steps).toEqual([
      { step: 1, layer: 'primary', called: 5, answer: { cases: 5, half: 5, nineOfTen: 5 }, join: none },
      { step: 2, layer: 'backup', called: 5, answer: none, join: { cases: 5, half: 60, nineOfTen: 60 } },
    ]);
  });
});

test('[MS4][MS5] a late answer is on the step of who gives it; nobody left counts once, though somebody came', async () => {
  const one = await raise('consult');
  await climbs(one); // Tom is called
  after(5);
  await answers(ana, one);
  await takesBack(talk.peer, one);
  expect(await view()).toMatchObject({
    steps: [
      { called: 1, answer: { cases: 1 } },
      { called: 1, answer: none },
    ],
    counts: { answered: 1, answeredLate: 1, exhausted: 0 },
  });
  const second = await raise('consult');
  await isSpent(second);
  must(await callAgain(deps(), talk.peer, of(second)));
  await isSpent(second);
  after(5);
  await answers(ana, second); // nobody is called any more
  await joins(ana, second);
  await closes(ana, second);
  const third = await raise('consult');
  await climbs(third);
  await answers(tom, third); // in time
  expect(await view()).toMatchObject({
    cases: 3,
    steps: [
      { called: 3, answer: { cases: 2 }, join: { cases: 1 } },
      { called: 3, answer: { cases: 1 }, join: none },
    ],
    counts: { answered: 3, answeredLate: 2, exhausted: 1, exhaustedJoined: 1 },
  });
});

describe('[MS6] how it ended', () => {
  test('each case has one end, and what came back to the peer is counted', async () => {
    const no = await raise('handOff');
    await says(no, false);
    const silent = await raise('handOff');
    await climbs(silent);
    await takesBack(talk.peer, await raise('handOff'));
    const byCaller = must(
      await askForClinician(deps(), talk.caller, {
        ...line.command(),
        conversationId: talk.conversationId,
        share: 'nothing',
      }),
    ).escalationId;
    await takesBack(talk.caller, byCaller);
    const came = await raise('handOff');
    await says(came, true);
    await answers(ana, came);
    await joins(ana, came);
    await closes(ana, came);
    await takesBack(talk.peer, await raise('safety'));
    const spent = await raise('handOff');
    await says(spent, true);
    expect(endsOf(await view())).toMatchObject({ 'handOff peer open': 1 });
    await isSpent(spent);
    const seen = await view();
    expect(endsOf(seen)).toEqual({
      'handOff peer refused': 1,
      'handOff peer unanswered': 1,
      'handOff peer takenBackByPeer': 1,
      'handOff peer joined': 1,
      'handOff peer open': 1,
      'handOff caller takenBackByCaller': 1,
      'safety peer takenBackByPeer': 1,
    });
    expect(seen.cases).toBe(7);
    expect(seen.counts).toMatchObject({ handOffs: 6, returned: 5, exhausted: 1, exhaustedJoined: 0, begun: 4 });
  });

  test('a hand-off that the end of the talk cut short did not come back; one that had nobody left did', async () => {
    const end = (of: typeof talk) =>
      endConversation(deps(), of.caller, { ...line.command(), conversationId: of.conversationId, reason: 'finished' });
    const cut = await raise('handOff');
    must(await end(talk));
    expect(await line.facts(cut)).toMatchObject({ state: 'withdrawn' });
    await line.rows(`update peer_state set state = 'break'`);
    talk = await line.talk();
    const spent = await raise('handOff');
    await says(spent, true);
    await isSpent(spent);
    must(await end(talk));
    const seen = await view();
    expect(endsOf(seen)).toEqual({ 'handOff peer endedWithTalk': 2 });
    expect(seen.counts).toMatchObject({ handOffs: 2, returned: 1 });
  });
});

test('[MS7] attempts by means: what failed after it was taken has failed, what was needed no more has not', async () => {
  await line.rows(
    `insert into means (id, staff_id, kind, address, label, verified_at, created_at) values (gen_random_uuid(), $1, 'sms', '{"number":"+15550100"}', 'x', now(), now())`,
    ana.id,
  );
  const id = await raise('consult');
  const taken = await handedOver(id);
  const [sms] = await line.rows<{ id: string }>(`select id from page where kind = 'sms' and id = any($1)`, taken);
  await markUndelivered(deps(), sms?.id ?? '', ['sms']);
  await takesBack(talk.peer, id);
  const second = await raise('consult');
  await handedOver(second, { state: 'failed', why: 'notNeeded' });
  await takesBack(talk.peer, second);
  const third = await raise('consult');
  await line.rows(`update page set state = 'unknown' where escalation_id = $1 and kind = 'alarm'`, third);
  expect((await view()).pages).toEqual([
    { means: 'alarm', made: 3, sent: 1, failed: 0, unknown: 1, notNeeded: 1 },
    { means: 'sms', made: 3, sent: 0, failed: 1, unknown: 0, notNeeded: 1 },
  ]);
});

test('[MS1] a day of the line is whole: 25 hours where clocks go back, and not the next day’s', async () => {
  for (const at of [
    '2026-11-01T04:59:59.999Z', // 23:59 of October 31, -05:00
    '2026-11-01T05:00:00.000Z',
    '2026-11-02T05:59:59.999Z', // 23:59 of November 1, -06:00
    '2026-11-02T06:00:00.000Z',
  ]) {
    now = Date.parse(at);
    await takesBack(talk.peer, await raise('consult'));
  }
  expect((await view('2026-11-01', '2026-11-01')).cases).toBe(2);
  expect((await view('2026-10-31', '2026-11-02')).cases).toBe(4);
  expect((await view('2026-11-02', '2026-11-02')).cases).toBe(1);
});

describe('[MS8][S32] times outlive the talk', () => {
  test('when the caller is gone the numbers stay, tied to nobody, and go after 400 days', async () => {
    for (const seconds of [10, 20, 30, 40, 60]) await advice(seconds, seconds * 2);
    const asked = { ...line.command(), conversationId: talk.conversationId, share: 'nothing' as const };
    must(await askForClinician(deps(), talk.caller, asked));
    must(
      await endConversation(deps(), talk.caller, {
        ...line.command(),
        conversationId: talk.conversationId,
        reason: 'finished',
      }),
    );
    const before = await view();
    expect(before.cases).toBe(6);
    now += 40 * 86_400_000;
    await line.rows('update caller set seen_at = $1', new Date('2026-10-05T16:00:00Z'));
    await purgeDue(deps());
    expect(await line.rows('select 1 from caller')).toEqual([]);
    expect(await line.rows('select 1 from conversation')).toEqual([]);
    expect({ ...(await view()), now: before.now }).toEqual(before);
    const ids = [talk.caller.id, talk.conversationId];
    const left = await line.rows<{ row: unknown }>(
      `select to_jsonb(e) || to_jsonb(p) as row from escalation e left join page p on p.escalation_id = e.id`,
    );
    expect(left.length).toBeGreaterThanOrEqual(6);
    for (const { row } of left) for (const id of ids) expect(JSON.stringify(row)).not.toContain(id);
    now = Date.parse('2026-10-05T15:00:00Z') + 400 * 86_400_000 - 1000;
    await purgeDue(deps());
    expect(await line.rows('select 1 from escalation')).toHaveLength(6);
    now += 3_600_000;
    await purgeDue(deps());
    expect(await line.rows('select 1 from escalation')).toEqual([]);
    expect(await line.rows('select 1 from page')).toEqual([]);
  });
});

test('[MS1][O6] the door: the last 30 days without a wish, days that make no sense refused, another line’s nobody’s', async () => {
  const rosa = await staffed(line, 'Rosa', 'coordinator');
  const { answer } = knocker(line.deps);
  const asks = (input: unknown, actor: StaffActor = rosa) => answer(actor, 'measures.view', input);
  now = line.deps.clock.now().getTime();
  await takesBack(talk.peer, await raise('consult'));
  const today = dayOf('America/Chicago', line.deps.clock.now());
  expect(await asks({})).toMatchObject({
    ok: true,
    value: { cases: 1, today, from: daysBefore(today, 29), to: today, earliest: daysBefore(today, 399) },
  });
  expect(await asks({ from: today, to: today })).toMatchObject({ ok: true, value: { cases: 1 } });
  const code = (c: string) => ({ ok: false, refusal: { code: c } });
  for (const [from, to] of [
    [daysBefore(today, 366), today],
    [today, daysBefore(today, 1)],
    [today, daysBefore(today, -1)],
    ['2026-02-30', '2026-03-02'],
  ])
    expect(await asks({ from, to })).toMatchObject(code('measures.days'));
  expect(await asks({ from: today })).toMatchObject(code('measures.days'));
  expect(await asks({ from: 'yesterday', to: today })).toMatchObject(code('input.malformed'));
  expect(await asks({}, { ...rosa, lineIds: [] })).toMatchObject(code('access.denied'));
  for (const actor of [ana, talk.peer]) expect(await asks({}, actor)).toMatchObject(code('access.denied'));
});
