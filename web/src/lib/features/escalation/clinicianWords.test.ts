import { expect, test } from 'vitest';
import { named, usualWords } from './clinicianWords.ts';

test.each([
  [20, 50, 'within a minute'],
  [40, 60, 'within a minute'],
  [70, 170, 'in 1 to 3 minutes'],
  [110, 115, 'within 2 minutes'],
  [230, 235, 'within 4 minutes'],
])('%i s and %i s are %s', (p50, p90, words) => {
  expect(usualWords({ p50, p90 })).toBe(words);
});

test('a title stands behind the name, where there is one', () => {
  expect(named({ name: 'Ana', title: 'nurse' })).toBe('Ana, nurse');
  expect(named({ name: 'Ana', title: null })).toBe('Ana');
});
