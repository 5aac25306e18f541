/**
 * Who may be told that somebody uses this line, where it is a program under 42 CFR Part 2 (S42, S44). Pure: no clock, no database.
 */
export type Asked = {
  /** The program that the talk belongs to; null: the line is none, and nothing here applies. */
  program: string | null;
  /** Which organisation they belong to; null: that of the line through which they come. */
  organisation: string | null;
  /** The program of that line; null: it is none. */
  theirProgram: string | null;
  /** There is a consent of the caller to exactly this, neither taken back nor over (CS2). */
  consent: boolean;
  /** A life is at risk: a medical emergency (2.51). */
  emergency: boolean;
};

/**
 * free: no disclosure, they are of the program or there is none; consent, emergency: a disclosure on that ground, with notice and
 * scope; refused: it may not be.
 */
export type Disclosure = 'free' | 'consent' | 'emergency' | 'refused';

/** The program that a line is; null: it is none. @param line its configuration */
export const programOf = (line: { part2?: { program: string } | undefined } | undefined): string | null =>
  line?.part2?.program ?? null;

export const isOutside = ({
  program,
  organisation,
  theirProgram,
}: Pick<Asked, 'program' | 'organisation' | 'theirProgram'>): boolean =>
  program !== null && (organisation ?? theirProgram) !== program;

export function disclosureOf(asked: Asked): Disclosure {
  if (!isOutside(asked)) return 'free';
  if (asked.consent) return 'consent';
  return asked.emergency ? 'emergency' : 'refused';
}
