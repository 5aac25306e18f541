import type { DeskInvitation } from '@hearthline/shared/contracts/invitation';
import type { DeskOffer, DeskView } from '@hearthline/shared/contracts/views';
import { m } from '#lib/paraglide/messages.js';
import type { Ring } from './alarm.svelte.ts';

/** What a peer is asked at their desk, and rung for: a caller who waits, or the talk of a colleague. */
export type Asked = (DeskOffer & { kind: 'offer' }) | (DeskInvitation & { kind: 'invitation' });
export type AnswerOf = 'accept' | 'decline' | 'recuse';

/** The one that has stood longest comes first: none slips under a key that is about to be pressed for another. */
export const askedOf = ({ offers, invitations }: Pick<DeskView, 'offers' | 'invitations'>): Asked[] =>
  [
    ...offers.map((one) => ({ ...one, kind: 'offer' as const })),
    ...invitations.map((one) => ({ ...one, kind: 'invitation' as const })),
  ].sort((a, b) => Date.parse(a.madeAt) - Date.parse(b.madeAt));

export const ringOf = ({ id, expiresAt, kind }: Asked): Ring => ({
  id,
  expiresAt,
  title: kind === 'offer' ? m.staff_offer_notice_title() : m.staff_invite_notice_title(),
  body: m.staff_offer_notice_body(),
});

/** The title of the page while somebody asks. */
export function titleOf([first, ...others]: readonly Asked[]): string {
  const title = m.staff_desk_title();
  if (!first) return title;
  const n = 1 + others.length;
  return first.kind === 'offer' ? m.staff_offer_badge({ n, title }) : m.staff_invite_badge({ n, title });
}

/**
 * Why one went away that this tab did not answer: missed, not needed any more, or answered elsewhere.
 * @returns null: it was taken, which shows by itself
 */
export function goneWords(one: Asked, before: DeskView, now: DeskView, locked: boolean): string | null {
  if (now.conversations.some(({ id }) => !before.conversations.some((old) => old.id === id))) return null;
  const inTime = now.now < one.expiresAt;
  // a coordinator is asked without a shift, and is never paused
  if (one.kind === 'invitation' && one.purpose === 'help')
    return inTime ? m.staff_invite_not_needed({ from: one.from }) : m.staff_invite_over({ from: one.from });
  const { missed, withdrawn } = wordsOf(one, locked);
  if (now.peer.missedOffer) return missed();
  if (now.peer.state === 'available' && inTime) return withdrawn();
  return now.peer.state === before.peer.state ? m.staff_offer_elsewhere() : m.staff_offer_passed();
}

function wordsOf(one: Asked, locked: boolean): { missed: () => string; withdrawn: () => string } {
  if (one.kind === 'offer') {
    const who = (!locked && one.name) || m.staff_offer_someone();
    return { missed: () => m.staff_offer_missed({ who }), withdrawn: () => m.staff_offer_withdrawn({ who }) };
  }
  const { from } = one;
  return { missed: () => m.staff_invite_missed({ from }), withdrawn: () => m.staff_invite_withdrawn({ from }) };
}
