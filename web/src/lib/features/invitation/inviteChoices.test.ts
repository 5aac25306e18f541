import type { Colleagues } from '@hearthline/shared/contracts/invitation';
import { expect, test } from 'vitest';
import { choicesFor, purposes } from './inviteChoices.ts';

const peer = (name: string, now: Colleagues['peers'][number]['now']) => ({ id: name, name, title: null, now });
const found = (over: Partial<Colleagues> = {}): Colleagues => ({
  peers: [peer('Ben', 'free'), peer('Cleo', 'break'), peer('Dana', 'busy')],
  coordinators: [{ id: 'Rosa', name: 'Rosa', title: 'nurse' }],
  lines: [
    { id: 'evening', name: 'Evening line', own: true, free: 1 },
    { id: 'night', name: 'Night line', own: false, free: 2 },
    { id: 'day', name: 'Day line', own: false, free: 0 },
  ],
  ...over,
});
const words = (...of: Parameters<typeof choicesFor>) => choicesFor(...of).map((one) => one.word);
const told = (...of: Parameters<typeof choicesFor>) => choicesFor(...of).map((one) => one.of);

test('[IN1] to join: whoever is free on this line, or one who could come now by name', () => {
  expect(words(found(), 'join', false)).toEqual(['Whoever is free', 'Ben']);
  expect(told(found(), 'join', false)).toEqual([{}, { staffId: 'Ben' }]);
});

test('[IN6] to take it over: another line too, but not while a clinician is called', () => {
  expect(words(found(), 'takeOver', false)).toEqual(['Whoever is free', 'Ben', 'Whoever is free at Night line']);
  expect(told(found(), 'takeOver', false).at(-1)).toEqual({ lineId: 'night' });
  expect(words(found(), 'takeOver', true)).toEqual(['Whoever is free', 'Ben']);
});

test('[IN7] to help: a coordinator who is there, whoever else is', () => {
  expect(words(found(), 'help', true)).toEqual(['Whoever is free', 'Rosa, nurse']);
  expect(told(found(), 'help', true)).toEqual([{}, { staffId: 'Rosa' }]);
});

test('[IN1] nobody is nobody, and each is one choice', () => {
  const none = {
    peers: [peer('Cleo', 'break')],
    coordinators: [],
    lines: found().lines.map((l) => ({ ...l, free: 0 })),
  };
  for (const purpose of purposes) {
    expect(choicesFor(found(none), purpose, false)).toEqual([]);
    const keys = choicesFor(found(), purpose, false).map((one) => one.key);
    expect(new Set(keys).size).toBe(keys.length);
  }
});
