import type { Attempt, EscalationKind } from '@hearthline/shared/contracts/escalation';
import type { BoardView } from '@hearthline/shared/contracts/views';
import { callWord as wordOf, meansWord } from '#lib/features/escalation/bringWords.ts';
import { m } from '#lib/paraglide/messages.js';
import { type AgeSign, ageWords, secondsUntil } from './timeWords.ts';
import type { Ring, RingKind } from './alarm.svelte.ts';

type Escalation = BoardView['escalations'][number];

export const kindWord: Record<EscalationKind, () => string> = {
  consult: m.staff_board_clin_consult,
  handOff: m.staff_board_clin_hand_off,
  safety: m.staff_board_clin_safety,
};

export const callWord = ({ name, means, state }: Attempt): string =>
  m.bring_call({ name, means: meansWord[means](), state: wordOf[state]() });

/** Where it stands, with what happens next by itself. */
export function stateOf(e: Escalation, now: number): { kind: AgeSign; text: string } {
  const left = e.dueAt ? ageWords(secondsUntil(e.dueAt, now)) : '';
  const who = e.owner?.name ?? '';
  switch (e.state) {
    case 'asking':
      return { kind: 'good', text: m.staff_board_clin_asking({ left }) };
    case 'paging':
      return { kind: 'warn', text: m.staff_board_clin_paging({ left }) };
    case 'acknowledged':
      return { kind: 'warn', text: m.staff_board_clin_acknowledged({ who, left }) };
    case 'joined':
      return { kind: 'good', text: e.live ? m.staff_board_clin_joined({ who }) : m.staff_board_clin_notes({ who }) };
    case 'left':
      return { kind: 'good', text: m.staff_board_clin_notes({ who }) };
    case 'exhausted':
      return { kind: 'alarm', text: m.staff_board_clin_exhausted() };
    case 'refused':
    case 'unanswered':
    case 'withdrawn':
    case 'closed':
      return { kind: 'good', text: m.staff_board_clin_over() };
  }
}

const ringMs = 10 * 60_000;
/** Of those that nobody answers: one rings until somebody does, or says here that they have seen it; ten minutes at most. */
export const ringsOf = (spent: readonly Escalation[], seen: ReadonlySet<string>): Ring[] =>
  spent.flatMap((e) =>
    e.exhaustedAt && !seen.has(spentKey(e))
      ? [
          {
            id: spentKey(e),
            expiresAt: new Date(Date.parse(e.exhaustedAt) + ringMs).toISOString(),
            title: m.onc_notice_title(),
            body: m.staff_board_clin_notice(),
          },
        ]
      : [],
  );
/** Called again and spent again is news again. */
export const spentKey = (e: Escalation): string => `${e.id} ${e.exhaustedAt ?? ''}`;
/** A peer asks for the coordinator's help. */
export const helpRing: RingKind = { lock: 'hearthline-help-ring', loud: 0.4 };
export const boardRing: RingKind = { lock: 'hearthline-board-ring', loud: 0.6 };
