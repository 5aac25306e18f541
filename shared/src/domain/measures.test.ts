import { describe, expect, test } from 'vitest';
import { boundsOf, dayOf, daysAsked, daysBefore } from './measures.ts';

const today = '2026-11-25';
const asked = (from?: string, to?: string) => daysAsked({ ...(from ? { from } : {}), ...(to ? { to } : {}) }, today);

describe('[MS1] the days of a look', () => {
  test('without a wish: the last 30, today too', () => {
    expect(asked()).toEqual({ ok: true, value: { from: '2026-10-27', to: today } });
  });
  test.each([
    ['one day', today, today],
    ['a year of 366 days', '2025-11-25', today],
    ['as far back as is kept', daysBefore(today, 399), daysBefore(today, 399)],
  ])('%s is taken', (_, from, to) => {
    expect(asked(from, to)).toEqual({ ok: true, value: { from, to } });
  });
  test.each([
    ['no last day', today, undefined],
    ['no first day', undefined, today],
    ['turned round', today, '2026-11-24'],
    ['still to come', today, '2026-11-26'],
    ['367 days', '2025-11-24', today],
    ['not kept any more', daysBefore(today, 400), daysBefore(today, 400)],
    ['a day that there is not', '2026-02-30', '2026-03-01'],
    ['no month', '2026-13-01', today],
  ])('%s: refused', (_, from, to) => {
    expect(asked(from, to)).toEqual({ ok: false, code: 'measures.days' });
  });
});

describe('[MS1] whole days of the line', () => {
  const hours = (timeZone: string, day: string) => {
    const { from, until } = boundsOf(timeZone, { from: day, to: day });
    return (until.getTime() - from.getTime()) / 3_600_000;
  };
  test.each([
    ['America/Chicago', '2026-07-01', 24],
    ['America/Chicago', '2026-11-01', 25],
    ['America/Chicago', '2026-03-08', 23],
    ['America/Havana', '2026-11-01', 25], // whose midnight comes twice
    ['America/Havana', '2026-03-08', 23], // and does not come
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
  ])('%s, %s has %d hours', (timeZone, day, n) => {
    expect(hours(timeZone, day)).toBe(n);
  });
  test('one day ends where the next begins, and each moment is in the day that it is in', () => {
    for (const timeZone of ['America/Chicago', 'America/Havana', 'Pacific/Apia'])
      for (const day of ['2026-03-08', '2026-11-01', '2026-12-31']) {
        const { from, until } = boundsOf(timeZone, { from: day, to: day });
        const next = daysBefore(day, -1);
        expect(boundsOf(timeZone, { from: next, to: next }).from).toEqual(until);
        expect(dayOf(timeZone, from)).toBe(day);
        expect(dayOf(timeZone, new Date(until.getTime() - 1000))).toBe(day);
        expect(dayOf(timeZone, until)).toBe(next);
      }
  });
});
