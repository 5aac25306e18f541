import fc from 'fast-check';
import { expect, test } from 'vitest';
import { heirOf, staffRoles, type InTalk } from './control.machine.ts';

const one = (id: string, role: InTalk['role'], lost = false): InTalk => ({
  id,
  role,
  lostAt: lost ? new Date(0) : null,
});

test.each([
  ['nobody else', [one('maya', 'peer')], 'maya', null],
  ['the clinician who is in', [one('maya', 'peer'), one('ana', 'clinician')], 'maya', 'ana'],
  ['back to the peer', [one('maya', 'peer'), one('ana', 'clinician')], 'ana', 'maya'],
  ['not to who is lost', [one('maya', 'peer'), one('ana', 'clinician', true)], 'maya', null],
  ['past who is lost', [one('maya', 'peer'), one('ana', 'clinician', true), one('tom', 'clinician')], 'maya', 'tom'],
  [
    'a clinician before the peer',
    [one('maya', 'peer'), one('ana', 'clinician'), one('tom', 'clinician')],
    'ana',
    'tom',
  ],
  ['a peer before a coordinator', [one('rosa', 'coordinator'), one('maya', 'peer'), one('ben', 'peer')], 'maya', 'ben'],
  ['a coordinator where nobody else is', [one('maya', 'peer'), one('rosa', 'coordinator')], 'maya', 'rosa'],
  [
    'the one who is in it longest',
    [one('maya', 'peer'), one('ana', 'clinician'), one('tom', 'clinician')],
    'maya',
    'ana',
  ],
])('[CT2] %s', (_, staff, from, heir) => {
  expect(heirOf(staff, from)).toBe(heir);
});

test('[CT2][CT3] whoever it is: in it, not lost, not the one who goes; nobody only where there is none', () => {
  const anybody = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    role: fc.constantFrom(...staffRoles),
    lostAt: fc.constantFrom(null, new Date(0)),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(anybody, { selector: ({ id }) => id }),
      fc.constantFrom('a', 'b', 'x'),
      (staff, from) => {
        const could = staff.filter(({ id, lostAt }) => id !== from && lostAt === null);
        const heir = heirOf(staff, from);
        if (could.length === 0) return void expect(heir).toBeNull();
        const found = could.find(({ id }) => id === heir);
        expect(found).toBeDefined();
        if (could.some(({ role }) => role === 'clinician')) expect(found?.role).toBe('clinician');
      },
    ),
  );
});
