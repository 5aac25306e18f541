import { InvitationPurpose, InvitationState, type TalkInvitation } from '@hearthline/shared/contracts/invitation';
import type { Party } from '@hearthline/shared/contracts/views';
import { expect, test } from 'vitest';
import { isOver, leftWords, stateWords, toldOf } from './inviteWords.ts';

const ben = { id: 'Ben', name: 'Ben', title: null };
const invitation = (over: Partial<TalkInvitation>): TalkInvitation => ({
  id: 'i',
  purpose: 'join',
  state: 'asking',
  colleague: null,
  lineName: 'Evening line',
  dueAt: null,
  can: [],
  ...over,
});
const said = (over: Partial<TalkInvitation>) => stateWords(invitation(over), 'Sparrow', 'Evening line');

test('[IN2] the caller is asked about one person, whoever is free here, or somebody of another line', () => {
  expect(said({})).toBe('Sparrow is asked if a colleague may join.');
  expect(said({ colleague: ben, lineName: null })).toBe('Sparrow is asked if Ben may join.');
  expect(said({ purpose: 'takeOver', lineName: 'Night line' })).toBe(
    'Sparrow is asked if somebody of Night line may take over.',
  );
  expect(said({ purpose: 'help' })).toBe('Sparrow is asked if a coordinator may come in to help.');
});

test('[IN4] a named colleague who does not come is named, and whoever was free is not', () => {
  expect(said({ state: 'returned', colleague: ben, lineName: null })).toMatch(/^Ben is not coming\./);
  expect(said({ state: 'returned', colleague: ben })).toMatch(/^Nobody could come\./);
  expect(leftWords(invitation({ state: 'ringing', lineName: null }), '0:20')).toMatch(/talk stays with you/);
  expect(leftWords(invitation({ state: 'ringing' }), '0:20')).toMatch(/next one who is free/);
});

test('every state has words, and a countdown as long as something happens by itself', () => {
  for (const state of InvitationState.options) {
    for (const purpose of InvitationPurpose.options)
      expect(said({ state, purpose, colleague: ben })).toMatch(/^[A-Z].*\.$/);
    expect(leftWords(invitation({ state }), '1:00') === null, state).toBe(isOver({ state }));
  }
});

const party = (id: string, role: Party['role']): Party => ({
  id,
  name: id,
  title: null,
  role,
  presence: 'here',
  holds: id === 'Maya',
  reads: 'all',
  agreed: false,
  joinedAt: '2026-11-25T10:00:00.000Z',
});
const parties = [party('Sparrow', 'caller'), party('Maya', 'peer')];
const joined = invitation({ state: 'joined', colleague: ben });
const returned = invitation({ state: 'returned', colleague: ben });

test.each([
  ['one that runs', invitation({}), parties, [], true],
  ['how it ended', returned, parties, [], true],
  ['not once that was read', returned, parties, ['i'], false],
  ['one that runs, whatever was read', invitation({}), parties, ['i'], true],
  ['that they are in it', joined, [...parties, party('Ben', 'peer')], [], true],
  ['not once they have left', joined, parties, [], false],
  ['nothing where nobody was asked', null, parties, [], false],
])('the pane of who asked tells %s', (_, one, there, read, told) => {
  expect(toldOf({ invitation: one, me: 'Maya', parties: there }, new Set(read)) !== null).toBe(told);
});

test('whoever was asked is not told of themselves', () => {
  for (const one of [joined, returned])
    expect(toldOf({ invitation: one, me: 'Ben', parties: [...parties, party('Ben', 'peer')] }, new Set())).toBeNull();
});
