import type { Party, Sender } from '@hearthline/shared/contracts/views';
import { heirOf as nextOf } from '@hearthline/shared/domain/control.machine';
import {
  clin_named,
  onc_role_caller,
  onc_role_clinician,
  onc_role_coordinator,
  onc_role_peer,
} from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';

/** Who is in a conversation, and who was. */
export type Known = { parties: readonly Party[]; left: readonly Sender[] };

const roleWord = {
  caller: onc_role_caller,
  peer: onc_role_peer,
  clinician: onc_role_clinician,
  coordinator: onc_role_coordinator,
};

/** "Ana, nurse"; "Maya, peer". Without a name what they are. */
export const called = ({ name, title, role }: Sender): string => {
  const as = title ?? roleWord[role]();
  return name ? clin_named({ name, title: as }) : as;
};

export const nameOf = (p: Sender): string => p.name ?? roleWord[p.role]();

/** Whoever wrote something: a clinician and a coordinator are named with what they are. @returns null for somebody whom we cannot name */
export function writerOf({ parties, left }: Known, senderId: string): { words: string; role: Sender['role'] } | null {
  const one = [...parties, ...left].find(({ id }) => id === senderId);
  if (!one?.name) return null;
  return { words: one.role === 'clinician' || one.role === 'coordinator' ? called(one) : one.name, role: one.role };
}

/** The name alone, inside a sentence. @returns null for somebody whom we cannot name */
export const nameIn = ({ parties, left }: Known, id: string): string | null =>
  [...parties, ...left].find((p) => p.id === id)?.name ?? null;

/** "Maya and Ana", as the language of the page says it. */
export const listed = (names: readonly string[]): string =>
  new Intl.ListFormat(getLocale(), { type: 'conjunction' }).format(names);

/** Everybody on staff who is in it: first whoever holds it. */
export const staffOf = ({ parties }: Pick<Known, 'parties'>): Party[] =>
  parties.filter(({ role }) => role !== 'caller').sort((a, b) => Number(b.holds) - Number(a.holds));

/** [CT2] Who goes on with the caller when this one leaves: whoever holds it, or whom it goes to from them. */
export function heirOf({ parties }: Pick<Known, 'parties'>, me: string): Party | undefined {
  const staff = parties.flatMap(({ id, role, presence }) =>
    role === 'caller' ? [] : [{ id, role, lostAt: presence === 'here' ? null : new Date(0) }],
  );
  const heir = parties.find((p) => p.holds && p.id !== me)?.id ?? nextOf(staff, me);
  return parties.find(({ id }) => id === heir);
}

/** Who has come and gone from one view to the next. */
export function comings(before: readonly Party[], now: readonly Party[]): { came: Party[]; went: Party[] } {
  const isIn = (list: readonly Party[], one: Party) => list.some(({ id }) => id === one.id);
  return { came: now.filter((p) => !isIn(before, p)), went: before.filter((p) => !isIn(now, p)) };
}
