import type { Colleagues, InvitationPurpose } from '@hearthline/shared/contracts/invitation';
import { named } from '#lib/features/escalation/clinicianWords.ts';
import { m } from '#lib/paraglide/messages.js';
import { nowWord } from './inviteWords.ts';

export const purposes = ['join', 'takeOver', 'help'] as const satisfies readonly InvitationPurpose[];
/** Whom a peer can ask: one person, or whoever is free on a line. `of`: as the server is told. */
export type Choice = { key: string; of: { staffId?: string; lineId?: string }; word: string; hint: string };

/**
 * Everybody who could come for this now. Another line only takes a talk over, and not while this one has a clinician called for it.
 * @param called a clinician is called for, or in the talk
 */
export function choicesFor(found: Colleagues, purpose: InvitationPurpose, called: boolean): Choice[] {
  if (purpose === 'help') return anyOf(found.coordinators.map((one) => ({ ...one, hint: m.invite_here() })));
  const free = found.peers.filter((one) => one.now === 'free').map((one) => ({ ...one, hint: nowWord.free() }));
  const own = found.lines.find((line) => line.own)?.free ?? 0;
  const elsewhere = purpose === 'takeOver' && !called ? found.lines.filter((line) => !line.own && line.free > 0) : [];
  return [
    ...anyOf(free, own),
    ...elsewhere.map(({ id, name, free: n }) => ({
      key: id,
      of: { lineId: id },
      word: m.invite_any_line({ line: name }),
      hint: `${m.invite_free({ n })} ${m.invite_line_hint()}`,
    })),
  ];
}

function anyOf(
  people: { id: string; name: string; title: string | null; hint: string }[],
  n = people.length,
): Choice[] {
  if (n === 0) return [];
  return [
    { key: 'any', of: {}, word: m.invite_any(), hint: m.invite_free({ n }) },
    ...people.map(({ id, hint, ...one }) => ({ key: id, of: { staffId: id }, word: named(one), hint })),
  ];
}
