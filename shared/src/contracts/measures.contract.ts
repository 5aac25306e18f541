import * as z from 'zod/mini';
import { EscalationKind, MeansKind } from './escalation.contract.ts';
import { Id, Instant } from './ids.ts';

/** A day of the line's zone: 2026-11-25. */
export const Day = z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/));

/** Whole days, the last one too, 366 at most. Without: the last 30. */
export const AskMeasures = z.strictObject({ from: z.optional(Day), to: z.optional(Day) });
export type AskMeasures = z.infer<typeof AskMeasures>;

/** How many it came to that for, and the seconds within which half of them and nine of ten had it; null: fewer than five. */
export const Took = z.strictObject({
  cases: z.int(),
  half: z.nullable(z.int()),
  nineOfTen: z.nullable(z.int()),
});
export type Took = z.infer<typeof Took>;

/** How a case ended. Each has one; open: it has not yet. */
export const caseEnds = [
  'joined',
  'refused',
  'unanswered',
  'takenBackByPeer',
  'takenBackByCaller',
  'endedWithTalk',
  'open',
] as const;
export type CaseEnd = (typeof caseEnds)[number];

/**
 * What came of calling clinicians, for who runs the line: numbers and times, nobody's name. A case is an escalation that was
 * raised on one of the days; the definitions are the rules MS1 to MS8 and do not change under a number once shown.
 */
export const MeasuresView = z.strictObject({
  now: Instant,
  lineId: Id,
  lineName: z.string(),
  timeZone: z.string(),
  /** What may be asked for. */
  today: Day,
  earliest: Day,
  from: Day,
  to: Day,
  cases: z.int(),
  /** Who asked for what, and how it ended: a row for each pair that there can be. */
  ends: z.array(
    z.strictObject({
      kind: EscalationKind,
      raisedBy: z.enum(['caller', 'peer']),
      of: z.record(z.enum(caseEnds), z.int()),
    }),
  ),
  /** From when calling could begin: until a provider took the first call, the first "I'm on it", the first who was in. */
  firstPage: Took,
  answer: Took,
  join: Took,
  /** By the step on which whoever answered, and joined, was called last. */
  steps: z.array(
    z.strictObject({
      step: z.int(),
      /** What the ladder calls on this step now; null: it has no such step any more. */
      layer: z.nullable(z.string()),
      /** Cases in which somebody was called on it. */
      called: z.int(),
      answer: Took,
      join: Took,
    }),
  ),
  counts: z.strictObject({
    /** Cases in which calling began. */
    begun: z.int(),
    answered: z.int(),
    /** First answered by somebody whom the ladder had left. */
    answeredLate: z.int(),
    /** In which nobody was left to call, at least once. */
    exhausted: z.int(),
    /** Of these: somebody came all the same. */
    exhaustedJoined: z.int(),
    handOffs: z.int(),
    /** Of these: nobody came, and the talk went on with its peer. */
    returned: z.int(),
  }),
  /** Attempts by means, to clinicians and to coordinators. What is neither sent, failed, unknown nor not needed is under way. */
  pages: z.array(
    z.strictObject({
      means: MeansKind,
      made: z.int(),
      sent: z.int(),
      failed: z.int(),
      unknown: z.int(),
      notNeeded: z.int(),
    }),
  ),
});
export type MeasuresView = z.infer<typeof MeasuresView>;
