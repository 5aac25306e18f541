/** What somebody on staff is in a conversation as, in the order in which it passes to them. */
export const staffRoles = ['clinician', 'peer', 'coordinator'] as const;
export type StaffRole = (typeof staffRoles)[number];
/** `lostAt`: since when their browser is lost. */
export type InTalk = { id: string; role: StaffRole; lostAt: Date | null };

/**
 * [CT2] Who holds a conversation once this one does not: the clinician who is in it, else a peer, else a coordinator; [CT3] never somebody whose
 * browser is lost. @param staff everybody on staff who is in it, longest first
 * @returns null: nobody; the caller goes to the head of the line
 */
export function heirOf(staff: readonly InTalk[], from: string): string | null {
  const others = staff.filter((one) => one.id !== from && one.lostAt === null);
  const [heir] = staffRoles.flatMap((role) => others.filter((one) => one.role === role));
  return heir?.id ?? null;
}
