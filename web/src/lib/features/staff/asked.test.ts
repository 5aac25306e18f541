import type { DeskInvitation } from '@hearthline/shared/contracts/invitation';
import type { DeskOffer, DeskView } from '@hearthline/shared/contracts/views';
import { expect, test } from 'vitest';
import { askedOf, goneWords, ringOf, titleOf, type Asked } from './asked.ts';

const at = (second: number) => new Date(Date.UTC(2026, 10, 25, 10, 0, second)).toISOString();
const calls = { state: 'off' } as DeskOffer['calls'];
const offer = (madeAt: string): DeskOffer => ({
  id: `offer of ${madeAt}`,
  channel: 'chat',
  name: 'Sparrow',
  joinedAt: at(0),
  madeAt,
  expiresAt: at(30),
  returning: false,
  calls,
});
const invitation = (madeAt: string): DeskInvitation => ({
  id: `invitation of ${madeAt}`,
  purpose: 'join',
  from: 'Maya',
  lineName: null,
  channel: 'chat',
  calls,
  startedAt: at(0),
  madeAt,
  expiresAt: at(30),
});
const asksOf = (offers: DeskOffer[], invitations: DeskInvitation[]) => askedOf({ offers, invitations });
const [anOffer] = asksOf([offer(at(0))], []) as [Asked];
const [anInvitation] = asksOf([], [invitation(at(0))]) as [Asked];

test('[P3] what has stood longest is first, whatever it is: a key takes what was on the screen before', () => {
  expect(asksOf([offer(at(4)), offer(at(1))], [invitation(at(2))]).map((one) => [one.kind, one.madeAt])).toEqual([
    ['offer', at(1)],
    ['invitation', at(2)],
    ['offer', at(4)],
  ]);
});

test('[P3] notice and title tell of which kind it is, and nothing of a caller', () => {
  expect(titleOf([])).toBe('Desk');
  expect(titleOf([anInvitation, anOffer])).toBe('(2) A colleague asks for you · Desk');
  expect(titleOf([anOffer])).toBe('(1) Someone is waiting · Desk');
  expect([ringOf(anOffer).title, ringOf(anInvitation).title]).toEqual([
    'Someone is waiting',
    'A colleague asks for you',
  ]);
  expect(JSON.stringify(asksOf([offer(at(0))], []).map(ringOf))).not.toContain('Sparrow');
});

type Peer = Pick<DeskView['peer'], 'state' | 'missedOffer'>;
const view = (now: string, peer: Partial<Peer> = {}, conversations: string[] = []): DeskView =>
  ({
    now,
    peer: { state: 'available', missedOffer: false, ...peer },
    conversations: conversations.map((id) => ({ id })),
  }) as unknown as DeskView;
const before = view(at(5));

test.each<[string, DeskView, RegExp | null, RegExp | null]>([
  [
    'its time is over',
    view(at(30), { state: 'paused', missedOffer: true }),
    /^Sparrow went .* paused/,
    /^Maya’s talk .* paused/,
  ],
  ['it is not needed any more', view(at(9)), /^Sparrow is not waiting/, /^You are not asked into Maya’s talk/],
  ['a break was begun', view(at(9), { state: 'break' }), /^Passed on/, /^Passed on/],
  ['answered elsewhere', view(at(31)), /^Answered in another tab/, /^Answered in another tab/],
  ['taken', view(at(9), {}, ['new']), null, null],
])('[OF5][IN4] what became of one that this tab did not answer: %s', (_, now, ofOffer, ofInvitation) => {
  const said = [anOffer, anInvitation].map((one) => goneWords(one, before, now, false));
  expect(said).toEqual([ofOffer, ofInvitation].map((words) => (words ? expect.stringMatching(words) : null)));
});

test('[S2] on a locked screen a caller’s name is not said', () => {
  expect(goneWords(anOffer, before, view(at(9)), true)).toBe(
    'The caller is not waiting any more. You are still available.',
  );
});

test.each([
  [at(9), 'You are not asked into Maya’s talk any more.'],
  [at(30), 'Maya’s talk goes on without you.'],
])('[IN7] a coordinator is asked without a shift, and never paused: at %s', (now, words) => {
  const [help] = asksOf([], [{ ...invitation(at(0)), purpose: 'help' }]) as [Asked];
  const off = (when: string) => view(when, { state: 'off' });
  expect(goneWords(help, off(at(5)), off(now), false)).toBe(words);
});
