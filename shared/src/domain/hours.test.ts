import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openStateOf } from './hours.ts';
import { instantOf } from './wallClock.ts';

const line = (over: object = {}) =>
  ({ timeZone: 'America/Chicago', hours: {}, holidays: {}, intakeStopsMinutes: 30, ...over }) as Parameters<
    typeof openStateOf
  >[0];
const at = (iso: string) => new Date(iso);

describe('[LN1] open, nobody here, closing soon, closed', () => {
  const evenings = line({ hours: { mon: [{ from: '14:00', to: '23:00' }], tue: [{ from: '14:00', to: '23:00' }] } });
  test.each([
    ['Monday 13:59', '2026-01-05T19:59:00.000Z', 2, { state: 'closed', opensAt: '2026-01-05T20:00:00.000Z' }],
    [
      'Monday 14:00',
      '2026-01-05T20:00:00.000Z',
      2,
      { state: 'open', closesAt: '2026-01-06T05:00:00.000Z', intakeStopsAt: '2026-01-06T04:30:00.000Z' },
    ],
    [
      'Monday 15:00, nobody',
      '2026-01-05T21:00:00.000Z',
      0,
      { state: 'nobodyHere', closesAt: '2026-01-06T05:00:00.000Z' },
    ],
    [
      'Monday 22:30',
      '2026-01-06T04:30:00.000Z',
      2,
      { state: 'closingSoon', closesAt: '2026-01-06T05:00:00.000Z', opensAt: '2026-01-06T20:00:00.000Z' },
    ],
    ['Tuesday 23:00', '2026-01-07T05:00:00.000Z', 2, { state: 'closed', opensAt: '2026-01-12T20:00:00.000Z' }],
  ])('%s', (_name, now, peers, expected) => expect(openStateOf(evenings, at(now), peers)).toEqual(expected));

  test('midnight joins two days', () => {
    const nights = line({ hours: { fri: [{ from: '20:00', to: '24:00' }], sat: [{ from: '00:00', to: '04:00' }] } });
    expect(openStateOf(nights, at('2026-01-10T05:30:00.000Z'), 1)).toMatchObject({
      state: 'open',
      closesAt: '2026-01-10T10:00:00.000Z',
    });
  });
  test('a line that never closes says no closing time', () => {
    const hours = Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((d) => [d, [{ from: '00:00', to: '24:00' }]]),
    );
    expect(openStateOf(line({ hours }), at('2026-03-08T08:00:00.000Z'), 1)).toEqual({
      state: 'open',
      closesAt: null,
      intakeStopsAt: null,
    });
  });
  test('closed for a season: the next opening is still told', () => {
    const summer = Array.from({ length: 60 }, (_, d) => [
      new Date(Date.UTC(2026, 5, 1 + d)).toISOString().slice(0, 10),
      [],
    ]);
    const school = line({
      hours: { mon: [{ from: '14:00', to: '23:00' }] },
      holidays: Object.fromEntries(summer) as Record<string, never[]>,
    });
    expect(openStateOf(school, at('2026-06-03T12:00:00.000Z'), 1)).toEqual({
      state: 'closed',
      opensAt: '2026-08-03T19:00:00.000Z',
    });
  });
  test('a line without hours never opens; a holiday takes the place of its weekday', () => {
    expect(openStateOf(line(), at('2026-01-05T20:00:00.000Z'), 1)).toEqual({ state: 'closed', opensAt: null });
    const holiday = line({ hours: { mon: [{ from: '14:00', to: '23:00' }] }, holidays: { '2026-01-05': [] } });
    expect(openStateOf(holiday, at('2026-01-05T21:00:00.000Z'), 1)).toEqual({
      state: 'closed',
      opensAt: '2026-01-12T20:00:00.000Z',
    });
  });
});

describe('changes of clocks', () => {
  test('02:30 in the gap is 03:30; 01:30 that comes twice is the first', () => {
    expect(new Date(instantOf('America/Chicago', Date.UTC(2026, 2, 8, 2, 30))).toISOString()).toBe(
      '2026-03-08T08:30:00.000Z',
    );
    expect(new Date(instantOf('America/Chicago', Date.UTC(2026, 10, 1, 1, 30))).toISOString()).toBe(
      '2026-11-01T06:30:00.000Z',
    );
  });
  test('opening hours stay at the wall clock on both sides', () => {
    const sunday = line({ hours: { sun: [{ from: '10:00', to: '12:00' }] }, intakeStopsMinutes: 0 });
    expect(openStateOf(sunday, at('2026-03-07T12:00:00.000Z'), 1)).toEqual({
      state: 'closed',
      opensAt: '2026-03-08T15:00:00.000Z',
    });
    expect(openStateOf(sunday, at('2026-10-31T12:00:00.000Z'), 1)).toEqual({
      state: 'closed',
      opensAt: '2026-11-01T16:00:00.000Z',
    });
  });
  test.each([
    [
      'begins in the skipped hour',
      { from: '02:30', to: '05:00' },
      '2026-03-08T08:30:00.000Z',
      '2026-03-08T10:00:00.000Z',
    ],
    [
      'ends in the skipped hour',
      { from: '01:00', to: '02:30' },
      '2026-03-08T07:00:00.000Z',
      '2026-03-08T08:30:00.000Z',
    ],
  ])('a span that %s moves forward', (_name, span, opensAt, closesAt) => {
    const sunday = line({ hours: { sun: [span] }, intakeStopsMinutes: 0 });
    expect(openStateOf(sunday, at('2026-03-08T06:30:00.000Z'), 1)).toEqual({ state: 'closed', opensAt });
    expect(openStateOf(sunday, at(opensAt), 1)).toMatchObject({ state: 'open', closesAt });
    expect(openStateOf(sunday, at(closesAt), 1)).toMatchObject({ state: 'closed' });
  });
  test('a span that the change of clocks turns around is no span, and hides none beside it', () => {
    const sunday = line({
      hours: {
        sun: [
          { from: '02:30', to: '03:00' },
          { from: '03:00', to: '05:00' },
        ],
      },
      intakeStopsMinutes: 0,
    });
    expect(openStateOf(sunday, at('2026-03-08T06:30:00.000Z'), 1)).toEqual({
      state: 'closed',
      opensAt: '2026-03-08T08:00:00.000Z',
    });
    expect(openStateOf(sunday, at('2026-03-08T08:10:00.000Z'), 1)).toMatchObject({
      state: 'open',
      closesAt: '2026-03-08T10:00:00.000Z',
    });
  });
  test('an hour that comes twice is open both times inside a span', () => {
    const night = line({ hours: { sun: [{ from: '00:00', to: '04:00' }] }, intakeStopsMinutes: 0 });
    for (const now of ['2026-11-01T06:30:00.000Z', '2026-11-01T07:30:00.000Z'])
      expect(openStateOf(night, at(now), 1)).toMatchObject({ state: 'open', closesAt: '2026-11-01T10:00:00.000Z' });
  });
  test('any wall-clock time has an instant within a day of it', () =>
    fc.assert(
      fc.property(
        fc.constantFrom('America/Chicago', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'),
        fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) }),
        (zone, t) => Math.abs(instantOf(zone, t) - t) <= 86_400_000,
      ),
    ));
});

test('what is kept of a day never outlives it: asked again and again, the answer is that of a line asked once', () => {
  const shifts = {
    mon: [{ from: '00:00', to: '06:30' }],
    sat: [{ from: '21:00', to: '24:00' }],
    sun: [{ from: '00:00', to: '24:00' }],
  };
  fc.assert(
    fc.property(
      fc.constantFrom('America/Havana', 'Asia/Beirut', 'America/Asuncion', 'Australia/Lord_Howe', 'Africa/Casablanca'),
      fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2028, 0, 1) }),
      fc.array(fc.integer({ min: -36 * 3_600_000, max: 36 * 3_600_000 }), { maxLength: 8 }),
      (timeZone, around, steps) => {
        const asked = line({ timeZone, hours: shifts });
        for (const step of steps) {
          const now = new Date(around + step);
          expect(openStateOf(asked, now, 1)).toEqual(openStateOf({ ...asked }, now, 1));
        }
      },
    ),
  );
});
