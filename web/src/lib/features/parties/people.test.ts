import type { Party } from '@hearthline/shared/contracts/views';
import { expect, test } from 'vitest';
import { called, comings, heirOf, listed, staffOf, writerOf } from './people.ts';

const one = (id: string, role: Party['role'], over: Partial<Party> = {}): Party => ({
  id,
  name: id,
  title: null,
  role,
  presence: 'here',
  holds: false,
  reads: 'all',
  agreed: false,
  joinedAt: '2026-11-25T10:00:00.000Z',
  ...over,
});
const maya = one('Maya', 'peer', { holds: true });
const ana = one('Ana', 'clinician', { title: 'nurse' });

test('everybody is named with what they are, and without a name by that alone', () => {
  expect([maya, ana, one('Tom', 'clinician'), one('x', 'caller', { name: null })].map(called)).toEqual([
    'Maya, peer',
    'Ana, nurse',
    'Tom, clinician',
    'caller',
  ]);
  expect([listed(['You']), listed(['You', 'Maya']), listed(['You', 'Maya', 'Ana'])]).toEqual([
    'You',
    'You and Maya',
    'You, Maya, and Ana',
  ]);
});

test('whoever has left is still named beside what they wrote', () => {
  const talk = { parties: [one('Sparrow', 'caller'), maya], left: [ana] };
  expect(writerOf(talk, 'Ana')).toEqual({ words: 'Ana, nurse', role: 'clinician' });
  expect(writerOf(talk, 'Maya')).toEqual({ words: 'Maya', role: 'peer' });
  expect(writerOf(talk, 'nobody')).toBeNull();
});

test('whoever holds it comes first, and who came and went is told once', () => {
  const now = [one('Sparrow', 'caller'), { ...maya, holds: false }, { ...ana, holds: true }];
  expect(staffOf({ parties: now }).map((p) => p.id)).toEqual(['Ana', 'Maya']);
  const { came, went } = comings([one('Sparrow', 'caller'), maya], now);
  expect([came.map((p) => p.id), went]).toEqual([['Ana'], []]);
  expect(comings(now, now.slice(0, 2)).went.map((p) => p.id)).toEqual(['Ana']);
});

const ben = one('Ben', 'peer');
const lost = { presence: 'comingBack' } as const;
test.each([
  ['the holder goes on when another leaves', [maya, ben], 'Ben', 'Maya'],
  ['also beside a clinician', [maya, ben, ana], 'Ben', 'Maya'],
  ['from the holder to the clinician', [maya, ben, ana], 'Maya', 'Ana'],
  ['without one to the second peer', [maya, ben], 'Maya', 'Ben'],
  ['to a coordinator last', [maya, one('Rosa', 'coordinator'), ben], 'Maya', 'Ben'],
  ['and to them before nobody', [maya, one('Rosa', 'coordinator')], 'Maya', 'Rosa'],
  ['never to whoever is lost', [maya, ben, { ...ana, ...lost }], 'Maya', 'Ben'],
  ['nobody', [maya], 'Maya', undefined],
])('[CT2] who goes on with the caller: %s', (_, staff, leaves, heir) => {
  expect(heirOf({ parties: [one('Sparrow', 'caller'), ...staff] }, leaves)?.id).toBe(heir);
});
