/**
 * Retention classes (V2, S32). Every table names one in its comment; a table without one fails the tests.
 * - conversation: the caller's own; goes `retentionDays` after the conversation ended, keys first.
 * - measures: codes and times of what was done for a caller; `keptDays` (measures.ts), tied to nobody from when the talk goes.
 * - operations: no caller content; goes after 30 days where it is a log, lives as state where it is state.
 * - directory: line texts and staff; lives until an administrator changes it.
 * - audit: who did what; six years.
 * - session: a signed-in browser; goes when it ends.
 */
export const retentionClasses = ['conversation', 'measures', 'operations', 'directory', 'audit', 'session'] as const;
export type RetentionClass = (typeof retentionClasses)[number];

export const purgeDueAt = (endedAt: Date, retentionDays: number): Date =>
  new Date(endedAt.getTime() + retentionDays * 86_400_000);
