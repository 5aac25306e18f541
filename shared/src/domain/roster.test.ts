import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Override, Rotation } from '../contracts/onCall.contract.ts';
import { localOf } from './wallClock.ts';
import { checkRotation, gapsOf, nextChange, onCallAt, spansOf } from './roster.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [ana, tom, ines] = [id(1), id(2), id(3)];
const names = new Map([
  [ana, 'ana'],
  [tom, 'tom'],
  [ines, 'ines'],
]);
const rotation = (over: Partial<Rotation> = {}): Rotation => ({
  id: id(9),
  timeZone: 'America/Chicago',
  starts: '2026-01-05T09:00',
  recurrence: 'FREQ=WEEKLY;BYDAY=MO',
  minutes: null,
  staffIds: [ana, tom],
  ...over,
});
const override = (from: string, until: string, staffId: string | null): Override => ({
  id: id(8),
  from: `${from}:00.000Z`,
  until: `${until}:00.000Z`,
  staffId,
});
const layer = (rotations: Rotation[], overrides: Override[] = []) => ({ rotations, overrides });
const at = (iso: string) => new Date(`${iso}:00.000Z`);
/** "who from": what a table of hand-computed instants looks like. */
const shown = (on: Parameters<typeof spansOf>[0], from: string, until: string): string[] =>
  spansOf(on, at(from), at(until)).map(
    (s) => `${names.get(s.staffId ?? '') ?? 'nobody'} ${s.from.toISOString().slice(0, 16)}`,
  );

const nights = { recurrence: 'FREQ=DAILY', minutes: 600, staffIds: [ana, tom] };
describe('[RO2] turns begin and end at the wall clock of their zone', () => {
  test.each<[string, Rotation, string, string, string[]]>([
    [
      'Chicago, a week across the change of March 2026: Monday 09:00 is 15:00Z, then 14:00Z',
      rotation(),
      '2026-03-01T00:00',
      '2026-03-11T00:00',
      ['tom 2026-03-01T00:00', 'ana 2026-03-02T15:00', 'tom 2026-03-09T14:00'],
    ],
    [
      'Chicago, a week across the change of November 2026: 14:00Z, then 15:00Z',
      rotation(),
      '2026-10-26T00:00',
      '2026-11-04T00:00',
      ['tom 2026-10-26T00:00', 'ana 2026-10-26T14:00', 'tom 2026-11-02T15:00'],
    ],
    [
      'Berlin, a week across the change of March 2027: 08:00Z, then 07:00Z',
      rotation({ timeZone: 'Europe/Berlin', starts: '2027-03-22T09:00' }),
      '2027-03-22T00:00',
      '2027-03-30T00:00',
      ['nobody 2027-03-22T00:00', 'ana 2027-03-22T08:00', 'tom 2027-03-29T07:00'],
    ],
    [
      'Berlin, a week across the change of October 2026: 07:00Z, then 08:00Z',
      rotation({ timeZone: 'Europe/Berlin', starts: '2026-10-19T09:00' }),
      '2026-10-19T07:00',
      '2026-10-27T00:00',
      ['ana 2026-10-19T07:00', 'tom 2026-10-26T08:00'],
    ],
    [
      'Chicago, the night of March 7 is nine hours and ends at 08:00',
      rotation({ starts: '2026-03-06T22:00', ...nights }),
      '2026-03-07T00:00',
      '2026-03-10T00:00',
      [
        'nobody 2026-03-07T00:00',
        'ana 2026-03-07T04:00',
        'nobody 2026-03-07T14:00',
        'tom 2026-03-08T04:00',
        'nobody 2026-03-08T13:00',
        'ana 2026-03-09T03:00',
        'nobody 2026-03-09T13:00',
      ],
    ],
    [
      'Chicago, the night of October 31 is eleven hours and ends at 08:00',
      rotation({ starts: '2026-10-31T22:00', ...nights }),
      '2026-11-01T00:00',
      '2026-11-03T00:00',
      [
        'nobody 2026-11-01T00:00',
        'ana 2026-11-01T03:00',
        'nobody 2026-11-01T14:00',
        'tom 2026-11-02T04:00',
        'nobody 2026-11-02T14:00',
      ],
    ],
    [
      'Berlin, the nights of March 28 and October 31, 2027',
      rotation({ timeZone: 'Europe/Berlin', starts: '2027-03-27T22:00', ...nights, staffIds: [ines] }),
      '2027-03-27T21:00',
      '2027-03-29T06:00',
      ['ines 2027-03-27T21:00', 'nobody 2027-03-28T06:00', 'ines 2027-03-28T20:00'],
    ],
    [
      'Berlin, the night to October 31, 2027: 20:00Z to 07:00Z',
      rotation({ timeZone: 'Europe/Berlin', starts: '2027-10-30T22:00', ...nights, staffIds: [ines] }),
      '2027-10-30T20:00',
      '2027-10-31T12:00',
      ['ines 2027-10-30T20:00', 'nobody 2027-10-31T07:00'],
    ],
    [
      'a hand-over at 02:30 that does not exist is at 03:30, once, and takes no turn away',
      rotation({ starts: '2026-03-07T02:30', recurrence: 'FREQ=DAILY', staffIds: [ana, tom, ines] }),
      '2026-03-07T08:30',
      '2026-03-10T00:00',
      ['ana 2026-03-07T08:30', 'tom 2026-03-08T08:30', 'ines 2026-03-09T07:30'],
    ],
    [
      'a hand-over at 01:30 that comes twice is the first of them',
      rotation({ starts: '2026-10-31T01:30', recurrence: 'FREQ=DAILY', staffIds: [ana, tom, ines] }),
      '2026-10-31T06:30',
      '2026-11-03T00:00',
      ['ana 2026-10-31T06:30', 'tom 2026-11-01T06:30', 'ines 2026-11-02T07:30'],
    ],
    [
      'Berlin: 02:30 of October 25, 2026 comes twice (00:30Z first); of March 29, 2026 never (01:30Z)',
      rotation({ timeZone: 'Europe/Berlin', starts: '2026-10-24T02:30', recurrence: 'FREQ=DAILY' }),
      '2026-10-24T00:30',
      '2026-10-27T00:00',
      ['ana 2026-10-24T00:30', 'tom 2026-10-25T00:30', 'ana 2026-10-26T01:30'],
    ],
    [
      'two hand-overs that a skipped hour puts on one instant: the later has it',
      rotation({ starts: '2026-03-08T01:30', recurrence: 'FREQ=HOURLY', staffIds: [ana, tom, ines] }),
      '2026-03-08T07:30',
      '2026-03-08T10:00',
      ['ana 2026-03-08T07:30', 'ines 2026-03-08T08:30', 'ana 2026-03-08T09:30'],
    ],
    [
      'a turn that would end inside the skipped hour ends with the next hand-over',
      rotation({ starts: '2026-03-08T01:00', recurrence: 'FREQ=HOURLY;INTERVAL=2', minutes: 90 }),
      '2026-03-08T07:00',
      '2026-03-08T12:00',
      [
        'ana 2026-03-08T07:00',
        'tom 2026-03-08T08:00',
        'nobody 2026-03-08T09:30',
        'ana 2026-03-08T10:00',
        'nobody 2026-03-08T11:30',
      ],
    ],
  ])('%s', (_name, one, from, until, expected) => expect(shown(layer([one]), from, until)).toEqual(expected));

  test('the first is on from the start, also between two hand-overs of the rule', () =>
    expect(shown(layer([rotation({ starts: '2026-01-07T12:00' })]), '2026-01-07T00:00', '2026-01-20T00:00')).toEqual([
      'nobody 2026-01-07T00:00',
      'ana 2026-01-07T18:00',
      'tom 2026-01-12T18:00',
      'ana 2026-01-19T18:00',
    ]));
  test('weekdays leave the weekend to nobody when turns have a length', () =>
    expect(
      shown(
        layer([rotation({ recurrence: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', minutes: 480, staffIds: [ana] })]),
        '2026-01-09T00:00',
        '2026-01-13T00:00',
      ),
    ).toEqual([
      'nobody 2026-01-09T00:00',
      'ana 2026-01-09T15:00',
      'nobody 2026-01-09T23:00',
      'ana 2026-01-12T15:00',
      'nobody 2026-01-12T23:00',
    ]));
});

describe('[RO3] who wins', () => {
  const always = rotation({ starts: '2026-01-01T00:00', timeZone: 'UTC', staffIds: [ana] });
  test('a later override over an earlier, an override over rotations, nobody over somebody', () =>
    expect(
      shown(
        layer(
          [always],
          [
            override('2026-02-01T00:00', '2026-02-04T00:00', tom),
            override('2026-02-02T00:00', '2026-02-03T00:00', null),
            override('2026-02-02T12:00', '2026-02-02T18:00', ines),
          ],
        ),
        '2026-01-31T00:00',
        '2026-02-05T00:00',
      ),
    ).toEqual([
      'ana 2026-01-31T00:00',
      'tom 2026-02-01T00:00',
      'nobody 2026-02-02T00:00',
      'ines 2026-02-02T12:00',
      'nobody 2026-02-02T18:00',
      'tom 2026-02-03T00:00',
      'ana 2026-02-04T00:00',
    ]));
  test('the first rotation that covers a moment, whatever the zones', () =>
    expect(
      shown(
        layer([
          rotation({
            timeZone: 'Europe/Berlin',
            starts: '2026-10-24T08:00',
            recurrence: 'FREQ=DAILY',
            minutes: 720,
            staffIds: [tom],
          }),
          rotation({ starts: '2026-10-01T00:00', recurrence: 'FREQ=DAILY', staffIds: [ana] }),
        ]),
        '2026-10-24T00:00',
        '2026-10-26T12:00',
      ),
    ).toEqual([
      'ana 2026-10-24T00:00',
      'tom 2026-10-24T06:00',
      'ana 2026-10-24T18:00',
      'tom 2026-10-25T07:00',
      'ana 2026-10-25T19:00',
      'tom 2026-10-26T07:00',
    ]));
  test('now, and what comes next', () => {
    const on = layer([rotation()], [override('2026-01-06T12:00', '2026-01-06T20:00', ines)]);
    expect(onCallAt(on, at('2026-01-05T14:59'))).toBe(null);
    expect(onCallAt(on, at('2026-01-05T15:00'))).toBe(ana);
    expect(onCallAt(on, at('2026-01-06T12:00'))).toBe(ines);
    expect(nextChange(on, at('2026-01-05T15:00'))).toEqual(at('2026-01-06T12:00'));
    expect(nextChange(on, at('2026-01-06T20:00'))).toEqual(at('2026-01-12T15:00'));
    expect(nextChange(layer([rotation({ staffIds: [ana] })]), at('2026-02-01T00:00'))).toBe(null);
    expect(spansOf(on, at('2026-01-06T20:00'), at('2026-01-06T20:00'))).toEqual([]);
  });
});

describe('[RO1] what cannot be worked out is refused', () => {
  test.each<[string, Partial<Rotation>]>([
    ['no such zone', { timeZone: 'America/Riverbend' }],
    ['an offset instead of a zone', { timeZone: '+05:00' }],
    ['no such day', { starts: '2026-02-31T09:00' }],
    ['no such time', { starts: '2026-02-01T25:00' }],
    ['a start before there were rosters', { starts: '1926-02-01T09:00' }],
    ...[
      '',
      'FREQ=SECONDLY',
      'FREQ=MINUTELY;INTERVAL=30',
      'FREQ=FORTNIGHTLY',
      'INTERVAL=2',
      'FREQ=WEEKLY;INTERVAL=0',
      'FREQ=WEEKLY;INTERVAL=1e3',
      'FREQ=WEEKLY;BYDAY=XX',
      'FREQ=WEEKLY;BYDAY=',
      'FREQ=WEEKLY;BYDAY=1MO',
      'FREQ=WEEKLY;BYDAY=MO;BYDAY=TU',
      'FREQ=DAILY;BYHOUR=25',
      'FREQ=DAILY;BYMINUTE=0,30',
      'FREQ=DAILY;BYSECOND=1',
      'FREQ=DAILY;COUNT=3',
      'FREQ=DAILY;UNTIL=20270101T000000Z',
      'FREQ=DAILY;X-OWN=1',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=YEARLY;INTERVAL=9',
      'RRULE:FREQ=DAILY',
      'FREQ=DAILY\nEXDATE:20260101T000000Z',
      'freq=daily',
    ].map((recurrence): [string, Partial<Rotation>] => [recurrence || 'no rule', { recurrence }]),
  ])('%s', (_name, over) => {
    expect(checkRotation(rotation(over))).toEqual({ ok: false, code: 'roster.invalid' });
    expect(onCallAt(layer([rotation(over)]), at('2026-06-01T00:00'))).toBe(null); // as a row it would put nobody on, and break nothing
  });
  test.each([
    'FREQ=MONTHLY;BYDAY=1MO',
    'FREQ=MONTHLY;BYMONTHDAY=-1',
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
    'FREQ=HOURLY;INTERVAL=12',
    'FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0',
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU',
  ])('but %s is a rule', (recurrence) => expect(checkRotation(rotation({ recurrence })).ok).toBe(true));
});

describe('[RO4] gaps', () => {
  const named = (name: string, ...of: Parameters<typeof layer>) => ({ name, ...layer(...of) });
  const primary = named(
    'primary',
    [rotation({ timeZone: 'UTC', starts: '2026-01-01T00:00', recurrence: 'FREQ=DAILY', staffIds: [ana] })],
    [override('2026-01-02T00:00', '2026-01-02T12:00', null), override('2026-01-02T18:00', '2026-01-03T06:00', ines)],
  );
  const backup = named('backup', [], [override('2026-01-02T06:00', '2026-01-02T20:00', tom)]);
  const gaps = (steps: string[], reachable: string[]) =>
    gapsOf(
      steps.map((l) => ({ layer: l, reachable: new Set(reachable) })),
      [primary, backup],
      at('2026-01-01T12:00'),
      at('2026-01-04T00:00'),
    ).map((g) => `${g.from.toISOString().slice(8, 16)}–${g.until.toISOString().slice(8, 16)}`);

  test('nobody is on, or who is on cannot be reached, on any step', () => {
    expect(gaps(['primary', 'backup'], [ana, tom])).toEqual(['02T00:00–02T06:00', '02T20:00–03T06:00']);
    expect(gaps(['primary'], [ana, tom, ines])).toEqual(['02T00:00–02T12:00']);
    expect(gaps(['backup'], [tom])).toEqual(['01T12:00–02T06:00', '02T20:00–04T00:00']);
  });
  test('a ladder without steps, one that names no layer of the roster, and nobody reachable: all of it is a gap', () => {
    const all = ['01T12:00–04T00:00'];
    expect(gaps([], [ana, tom, ines])).toEqual(all);
    expect(gaps(['night'], [ana, tom, ines])).toEqual(all);
    expect(gaps(['primary', 'backup'], [])).toEqual(all);
  });
});

const zones = [
  'America/Chicago',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Asia/Kathmandu',
  'Antarctica/Troll',
  'UTC',
];
const rules = [
  'FREQ=DAILY',
  'FREQ=WEEKLY;BYDAY=MO',
  'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SA',
  'FREQ=HOURLY;INTERVAL=7',
  'FREQ=HOURLY',
  'FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,FR',
  'FREQ=MONTHLY;BYDAY=1MO',
  'FREQ=MONTHLY;BYMONTHDAY=-1',
  'FREQ=YEARLY;BYMONTH=3,11',
  'FREQ=WEEKLY;BYDAY=MO;BYMONTH=6,7,8',
  'FREQ=DAILY;BYHOUR=2,14',
];
const two = (n: number) => String(n).padStart(2, '0');
const someStart = fc
  .tuple(
    fc.integer({ min: 2024, max: 2027 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
    fc.integer({ min: 0, max: 23 }),
    fc.constantFrom(0, 15, 30),
  )
  .map(([y, mo, d, h, mi]) => `${y}-${two(mo)}-${two(d)}T${two(h)}:${two(mi)}`);
const someRotation = fc.record({
  id: fc.constant(id(9)),
  timeZone: fc.constantFrom(...zones),
  starts: someStart,
  recurrence: fc.constantFrom(...rules),
  minutes: fc.option(fc.integer({ min: 15, max: 44_640 })),
  staffIds: fc.array(fc.constantFrom(ana, tom, ines), { minLength: 1, maxLength: 5 }),
});
const someTime = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) });
const someOverride = fc
  .tuple(someTime, fc.integer({ min: 1, max: 30 * 86_400_000 }), fc.constantFrom(ana, tom, null))
  .map(([from, length, staffId]) => ({
    id: id(8),
    from: new Date(from).toISOString(),
    until: new Date(from + length).toISOString(),
    staffId,
  }));
const someLayer = fc.record({
  rotations: fc.array(someRotation, { maxLength: 3 }),
  overrides: fc.array(someOverride, { maxLength: 4 }),
});

describe('properties', { timeout: 120_000 }, () => {
  test('[RO3] spans cover the window in order, without gap, overlap or needless edge, and say what each moment says', () => {
    fc.assert(
      fc.property(
        someLayer,
        someTime,
        fc.integer({ min: 1, max: 40 * 86_400_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (on, from, length, part) => {
          const until = from + length;
          const spans = spansOf(on, new Date(from), new Date(until));
          expect(spans[0]?.from.getTime()).toBe(from);
          expect(spans.at(-1)?.until.getTime()).toBe(until);
          for (const [i, s] of spans.entries()) {
            expect(s.from < s.until).toBe(true);
            const next = spans[i + 1];
            if (!next) continue;
            expect(next.from).toEqual(s.until);
            expect(next.staffId).not.toBe(s.staffId);
          }
          const moment = new Date(from + Math.floor(length * part));
          const span = spans.find((s) => s.from <= moment && moment < s.until);
          expect(onCallAt(on, moment)).toBe(span?.staffId);
          const change = nextChange(on, moment, 32);
          if (change && change.getTime() < until) expect(change).toEqual(span?.until);
        },
      ),
      { numRuns: 300 },
    );
  });
  test('[RO2] the turn of a moment, counted from the start, is the same from however near one looks', () => {
    fc.assert(
      fc.property(someRotation, someTime, (one, from) => {
        const numbered = { ...one, minutes: null, staffIds: [ana, tom, ines] };
        const start = new Date(`${numbered.starts}:00.000Z`);
        const before = Math.min(start.getTime(), from) - 2 * 86_400_000;
        const all = spansOf(layer([numbered]), new Date(before), new Date(from + 1));
        expect(onCallAt(layer([numbered]), new Date(from))).toBe(all.at(-1)?.staffId);
      }),
      { numRuns: 30 },
    );
  });
  test('[RO2] the wall-clock time of a hand-over is the same all year, but where it is skipped', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 23 }), (timeZone, hour) => {
        const daily = rotation({ timeZone, starts: `2026-01-01T${two(hour)}:30`, recurrence: 'FREQ=DAILY' });
        const spans = spansOf(layer([daily]), at('2026-01-03T12:00'), at('2027-12-31T12:00')).slice(1);
        const odd = spans.filter(
          (s) => new Date(localOf(timeZone, s.from.getTime())).toISOString().slice(11, 16) !== `${two(hour)}:30`,
        );
        expect(spans.length).toBeGreaterThan(725);
        expect(odd.length).toBeLessThanOrEqual(2); // once a year at most
      }),
    );
  });
});

test('[RO2] 14 days of four layers, eleven years after their start, are worked out in under 20 ms', () => {
  const layers = [
    'FREQ=DAILY',
    'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
    'FREQ=HOURLY;INTERVAL=12',
    'FREQ=WEEKLY;BYDAY=MO',
  ].map((recurrence, i) =>
    layer([
      rotation({ recurrence, starts: `2015-0${i + 1}-05T09:00` }),
      rotation({ recurrence, timeZone: 'Europe/Berlin' }),
    ]),
  );
  const work = () => layers.map((l) => spansOf(l, at('2026-11-25T00:00'), at('2026-12-09T00:00')));
  expect(work().every((spans) => spans.length > 1)).toBe(true);
  const took = Array.from({ length: 9 }, () => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  });
  expect(Math.min(...took)).toBeLessThan(20); // a busy machine takes time, it never gives any
});
