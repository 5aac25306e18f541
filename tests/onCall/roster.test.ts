import { randomUUID } from 'node:crypto';
import { addOverride, removeOverride } from '@hearthline/server/commands/onCall/overrides';
import { saveRoster } from '@hearthline/server/commands/onCall/saveRoster';
import { onCallFor } from '@hearthline/server/onCall/onCallNow';
import { ownOnCall } from '@hearthline/server/onCall/ownOnCall';
import { readLayers } from '@hearthline/server/onCall/readRoster';
import { usualTimes } from '@hearthline/server/onCall/usualTimes';
import type { StaffActor } from '@hearthline/server/policies/actor';
import { boardView } from '@hearthline/server/presenters/boardView';
import { rosterView } from '@hearthline/server/presenters/rosterView';
import type { RosterView } from '@hearthline/shared/contracts/onCall';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { knocker, staffOf } from '../access/doorRows.ts';
import { must, testLine, type TestLine } from '../support/line.ts';
import { rotationOf, saveOf, staffed } from './people.ts';

let line: TestLine;
let rosa: StaffActor, ana: StaffActor, tom: StaffActor;
beforeEach(async () => {
  line = await testLine({
    escalation: {
      steps: [
        { layer: 'primary', seconds: 60, times: 1 },
        { layer: 'backup', seconds: 45, times: 1, means: ['sms'] },
      ],
      joinSeconds: 180,
      askSeconds: 300,
      announceConsult: false,
      protocol: ['Stay with them.'],
    },
  });
  rosa = await staffed(line, 'Rosa', 'coordinator');
  ana = await staffed(line, 'Ana');
  tom = await staffed(line, 'Tom', 'clinician', ['alarm', 'sms']);
});
afterEach(() => line.close());

const [primary, backup] = [randomUUID(), randomUUID()];
const both = () => [
  { id: primary, name: 'primary', rotations: [rotationOf([ana.id])] },
  { id: backup, name: 'backup', rotations: [rotationOf([tom.id])] },
];
const save = async (layers = both()) => saveRoster(line.deps, rosa, await saveOf(line, layers));
const layers = () => readLayers(line.deps.sql, line.lineId, line.deps.clock.now());
const override = (from: number, until: number, staffId: string | null, by = rosa, layerId = primary) => {
  const now = line.deps.clock.now().getTime(); // looked at once: equal hours are equal instants
  const inHours = (n: number) => new Date(now + n * 3_600_000).toISOString();
  const times = { from: inHours(from), until: inHours(until) };
  return addOverride(line.deps, by, { commandId: randomUUID(), layerId, ...times, staffId });
};
const called = async () =>
  (await onCallFor(line.deps, line.deps.sql, line.lineId, line.deps.clock.now())).map((s) => s.person?.name ?? null);
const audits = async () =>
  (
    await line.deps.sql.query<{ action: string }>(
      `select action from audit where action like 'roster.%' order by id`,
      [],
    )
  ).rows.map((r) => r.action);
const view = async (): Promise<RosterView> => {
  const [first] = line.deps.lines.all();
  if (!first) throw new Error('no line');
  return rosterView(line.deps, rosa, first);
};

describe('[RO7] a save replaces layers and rotations as a whole', () => {
  test('layers keep their ids and overrides, in the new order and under new names; one left out goes', async () => {
    must(await save());
    must(await override(1, 2, tom.id));
    const [first, second] = both();
    must(
      await save([
        { ...second!, name: 'primary' },
        { ...first!, name: 'backup' },
      ]),
    ); // names changed places
    const now = await layers();
    expect(now.map((l) => [l.id, l.name, l.overrides.length])).toEqual([
      [backup, 'primary', 0],
      [primary, 'backup', 1],
    ]);
    must(await save([second!]));
    expect((await layers()).map((l) => l.id)).toEqual([backup]);
    expect(await audits()).toEqual(['roster.saved', 'roster.overridden', 'roster.saved', 'roster.saved']);
  });
  test('what is wrong is refused whole, by what is wrong', async () => {
    must(await save());
    const before = await layers();
    const peer = await line.peer('Maya', { available: false });
    const gone = await staffed(line, 'Gone');
    await line.deps.sql.query('update staff set suspended_at = now() where id = $1', [gone.id]);
    const one = (over: object) => [{ id: primary, name: 'primary', rotations: [rotationOf([ana.id], over)] }];
    for (const [wanted, code] of [
      [one({ recurrence: 'FREQ=SECONDLY' }), 'roster.invalid'],
      [one({ timeZone: 'America/Riverbend' }), 'roster.invalid'],
      [one({ starts: '2026-02-30T09:00' }), 'roster.invalid'],
      [[...both(), { id: randomUUID(), name: 'Primary', rotations: [] }], 'roster.invalid'],
      [[...both(), { id: primary, name: 'third', rotations: [] }], 'roster.invalid'],
      [one({ staffIds: [ana.id, peer.id] }), 'roster.unknownStaff'],
      [one({ staffIds: [gone.id] }), 'roster.unknownStaff'],
      [one({ staffIds: [randomUUID()] }), 'roster.unknownStaff'],
    ] as const)
      expect(await save(wanted as never)).toEqual({ ok: false, code });
    expect(await layers()).toEqual(before);
    expect(await audits()).toEqual(['roster.saved']);
  });
  test('somebody else has saved meanwhile: refused; the same call again has the first answer and no second effect', async () => {
    const [mine, theirs] = [await saveOf(line, both()), await saveOf(line, both().slice(0, 1))];
    must(await saveRoster(line.deps, rosa, mine));
    expect(await saveRoster(line.deps, await staffed(line, 'Sam', 'administrator'), theirs)).toEqual({
      ok: false,
      code: 'roster.stale',
    });
    must(await saveRoster(line.deps, rosa, mine));
    expect(await layers()).toHaveLength(2);
    expect(await audits()).toEqual(['roster.saved']);
  });
  test('a layer or a rotation of another line is not taken over', async () => {
    const other = randomUUID();
    await line.deps.sql.query(
      `insert into line (id, slug, config, created_at, updated_at) select $1, 'other', config, now(), now() from line`,
      [other],
    );
    const theirs = randomUUID();
    await line.deps.sql.query(`insert into on_call_layer (id, line_id, name, position) values ($1, $2, 'primary', 1)`, [
      theirs,
      other,
    ]);
    expect(await save([{ id: theirs, name: 'mine', rotations: [] }])).toEqual({ ok: false, code: 'roster.gone' });
    const input = { ...(await saveOf(line, both())), lineId: other };
    expect(await saveRoster(line.deps, rosa, input)).toEqual({ ok: false, code: 'access.denied' });
    expect(await override(1, 2, null, rosa, theirs)).toEqual({ ok: false, code: 'roster.gone' });
  });
  test('nobody but who runs the line changes it; clinicians see it', async () => {
    must(await save());
    const input = await saveOf(line, both());
    for (const by of [ana, staffOf(line.lineId, 'peer'), staffOf(randomUUID(), 'coordinator')]) {
      expect(await saveRoster(line.deps, by, input)).toEqual({ ok: false, code: 'access.denied' });
      expect(await override(1, 2, null, by)).toEqual({ ok: false, code: 'roster.gone' });
    }
    const { answer, code } = knocker(line.deps);
    expect(await answer(ana, 'roster.view', {})).toMatchObject({ ok: true, value: { can: [] } });
    expect(await code(rosa, 'roster.save', await saveOf(line, both()))).toBe('ok');
  });
});

describe('overrides', () => {
  beforeEach(async () => void must(await save()));
  test('[RO8] the later made wins; over already, longer than a year, backwards or of a stranger is refused', async () => {
    must(await override(-1, 5, null));
    expect((await called())[0]).toBe(null);
    must(await override(-1, 1, tom.id));
    expect((await called())[0]).toBe('Tom');
    for (const [from, until] of [
      [-3, -1],
      [2, 2],
      [3, 2],
      [1, 24 * 367],
    ] as const)
      expect(await override(from, until, ana.id)).toEqual({ ok: false, code: 'roster.invalid' });
    expect(await override(1, 2, rosa.id)).toEqual({ ok: false, code: 'roster.unknownStaff' });
    expect((await layers())[0]?.overrides).toHaveLength(2);
  });
  test('[RO9] a coming one goes; one that runs ends now and stays written; one that is over is not there', async () => {
    must(await override(-1, 5, null));
    must(await override(6, 7, tom.id));
    const remove = (overrideId: string) => removeOverride(line.deps, rosa, { commandId: randomUUID(), overrideId });
    for (const o of (await layers())[0]?.overrides ?? []) must(await remove(o.id));
    expect((await layers())[0]?.overrides).toEqual([]);
    expect(await called()).toEqual(['Ana', 'Tom']);
    const { rows } = await line.deps.sql.query<{ id: string }>('select id from on_call_override', []);
    expect(rows).toHaveLength(1);
    expect(await remove(rows[0]?.id ?? '')).toEqual({ ok: false, code: 'roster.gone' });
    expect(await remove(randomUUID())).toEqual({ ok: false, code: 'roster.gone' });
  });
});

describe('[RO5] who is called', () => {
  beforeEach(async () => void must(await save()));
  test('the person on call with the means of the step that rang and were heard, and until when', async () => {
    const steps = await onCallFor(line.deps, line.deps.sql, line.lineId, line.deps.clock.now());
    expect(steps).toMatchObject([
      {
        step: 1,
        layer: 'primary',
        seconds: 60,
        until: null,
        person: { staffId: ana.id, name: 'Ana', title: 'nurse', means: [{ kind: 'alarm', address: {} }] },
      },
      { step: 2, layer: 'backup', seconds: 45, until: null, person: { staffId: tom.id, means: [{ kind: 'sms' }] } },
    ]);
    must(await override(2, 3, tom.id));
    const [first] = await onCallFor(line.deps, line.deps.sql, line.lineId, line.deps.clock.now());
    expect(first?.until?.toISOString()).toBe((await layers())[0]?.overrides[0]?.from);
  });
  test.each([
    ['not verified', 'update means set verified_at = null where staff_id = $1'],
    ['removed', 'update means set removed_at = now() where staff_id = $1'],
    ['suspended', 'update staff set suspended_at = now() where id = $1'],
    ['no clinician any more', `update staff set roles = '{peer}' where id = $1`],
    ['not of this line any more', 'delete from staff_line where staff_id = $1'],
  ])('nobody who is unreachable or gone: %s', async (_why, statement) => {
    expect(await called()).toEqual(['Ana', 'Tom']);
    await line.deps.sql.query(statement, [ana.id]);
    expect(await called()).toEqual([null, 'Tom']);
    const { staff, gaps } = await view();
    expect(staff.find((s) => s.id === ana.id)).toMatchObject({ name: 'Ana', reachable: false });
    expect(gaps).toEqual([]); // Tom is there
    await line.deps.sql.query(statement, [tom.id]);
    expect((await view()).gaps).toHaveLength(1);
  });
  test('own times on call, the one that runs first', async () => {
    must(await override(20, 22, tom.id));
    expect((await ownOnCall(line.deps, ana, line.deps.clock.now())).map((o) => o.layer)).toEqual([
      'primary',
      'primary',
    ]);
    const toms = await ownOnCall(line.deps, tom, line.deps.clock.now());
    expect(toms.map((o) => [o.layer, o.lineName])).toEqual([
      ['backup', 'Test line'],
      ['primary', 'Test line'],
    ]);
    expect(await ownOnCall(line.deps, rosa, line.deps.clock.now())).toEqual([]);
  });
});

test('[RO4] the view lists gaps and layers that the ladder wants, the board the gaps of the next 12 hours', async () => {
  const board = async () => {
    const [first] = line.deps.lines.all();
    return first ? (await boardView(line.deps, first)).onCall : null;
  };
  expect(await view()).toMatchObject({ missingLayers: ['primary', 'backup'], layers: [], gaps: [{}] });
  must(await save([both()[0]!]));
  must(await override(6, 8, null));
  must(await override(100, 102, null));
  const seen = await view();
  expect(seen.missingLayers).toEqual(['backup']);
  expect(seen.gaps.map((g) => Date.parse(g.until) - Date.parse(g.from))).toEqual([7_200_000, 7_200_000]);
  expect(await board()).toMatchObject({
    layers: [
      { layer: 'primary', now: { name: 'Ana', reachable: true }, next: null },
      { layer: 'backup', now: null },
    ],
    gaps: [{ from: seen.gaps[0]?.from, until: seen.gaps[0]?.until }],
  });
});

test('[RO6] the usual time needs five answers of the last 90 days', async () => {
  const { caller, peer, conversationId } = await line.talk();
  const answered = (daysAgo: number, seconds: number) =>
    line.deps.sql.query(
      `insert into escalation (id, line_id, conversation_id, kind, raised_by, raised_by_id, raised_at, begun_at, state, acknowledged_at, ended_at)
       values ($1, $2, $3, 'consult', 'peer', $4, $5::timestamptz, $5, 'closed', $5::timestamptz + $6 * interval '1 second', $5)`,
      [
        randomUUID(),
        line.lineId,
        conversationId,
        peer.id,
        new Date(line.deps.clock.now().getTime() - daysAgo * 86_400_000),
        seconds,
      ],
    );
  expect(caller.id).not.toBe(peer.id);
  for (const seconds of [10, 20, 30, 40]) await answered(1, seconds);
  await answered(91, 900);
  expect(await usualTimes(line.deps, line.lineId)).toBe(null);
  await answered(2, 60);
  expect(await usualTimes(line.deps, line.lineId)).toBe(null); // known for a minute
  expect(await usualTimes(await line.node(), line.lineId)).toEqual({ p50: 30, p90: 52 });
});
