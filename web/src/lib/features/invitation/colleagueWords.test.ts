import { InvitationPurpose, type CallerInvitation } from '@hearthline/shared/contracts/invitation';
import { expect, test } from 'vitest';
import { askWords, comesWords } from './colleagueWords.ts';

const ben = { id: 'Ben', name: 'Ben', title: null };
const one = (over: Partial<CallerInvitation>): CallerInvitation => ({
  id: 'i',
  purpose: 'join',
  state: 'asking',
  colleague: null,
  lineName: null,
  agreement: null,
  ...over,
});

test.each<[Partial<CallerInvitation>, string, RegExp]>([
  [{}, 'Maya would like a colleague to join. Is that all right?', /^Whoever is free.* Both would be with you\.$/],
  [{ colleague: ben }, 'Maya would like Ben to join. Is that all right?', /^A peer.* Both would be with you\.$/],
  [
    { purpose: 'takeOver' },
    'Maya would like a colleague to take over. Is that all right?',
    /^Whoever is free.* leave\.$/,
  ],
  [
    { purpose: 'takeOver', colleague: ben },
    'Maya would like Ben to take over. Is that all right?',
    /Ben would go on with you, and Maya would leave\.$/,
  ],
  [
    { purpose: 'takeOver', lineName: 'Night line' },
    'Maya would like somebody of Night line to take over. Is that all right?',
    /^Whoever is free at Night line\. Your talk would go on there/,
  ],
  [
    { purpose: 'help' },
    'Maya would like a coordinator to join and help. Is that all right?',
    /^Whoever is there: a coordinator, .* Both would be with you\.$/,
  ],
  [
    { purpose: 'help', colleague: ben },
    'Maya would like Ben to join and help. Is that all right?',
    /^A coordinator: .* Both would be with you\.$/,
  ],
])('[IN2][IN7] the caller is told who would come and what for: %o', (over, asks, comes) => {
  expect(askWords(one(over), 'Maya')).toBe(asks);
  expect(comesWords(one(over), 'Maya')).toMatch(comes);
});

test('[IN3] while a colleague is asked they are named, whatever for', () => {
  for (const purpose of InvitationPurpose.options)
    expect(askWords(one({ state: 'ringing', purpose, colleague: ben }), 'Maya')).toBe(
      'Ben is being asked. Maya stays with you.',
    );
});
