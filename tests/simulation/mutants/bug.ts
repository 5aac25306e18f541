import type { Rule } from '../checks/index.ts';

/** A bug: exact text that must be there once, and what takes its place. */
export type Mutant = { name: string; caughtBy: Rule; edits: { file: string; text: string; becomes: string }[] };

export const bug = (
  caughtBy: Rule,
  name: string,
  ...edits: [file: string, text: string, becomes: string][]
): Mutant => ({
  name,
  caughtBy,
  edits: edits.map(([file, text, becomes]) => ({ file, text, becomes })),
});
