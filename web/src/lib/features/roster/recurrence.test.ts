import { expect, test } from 'vitest';
import { rhythmOf, rhythms, ruleOf } from './recurrence.ts';

const monday = '2026-11-30T09:00';

test('a rhythm and its rule lead to each other', () => {
  for (const rhythm of rhythms) {
    const rule = ruleOf(rhythm, monday, 'FREQ=MONTHLY;BYDAY=1MO');
    expect(rhythmOf(rule, monday)).toBe(rhythm);
  }
  expect(ruleOf('weekly', '2026-12-06T22:00', '')).toBe('FREQ=WEEKLY;BYDAY=SU');
});

test('a weekly rule of another weekday than its start is one of its own', () =>
  expect(rhythmOf('FREQ=WEEKLY;BYDAY=TU', monday)).toBe('own'));

test('a rule of one’s own is taken as people copy it', () =>
  expect(ruleOf('own', monday, ' rrule:freq=daily;interval=3 ')).toBe('FREQ=DAILY;INTERVAL=3'));
