import type { Facts } from '../facts.ts';
import type { Entry } from '../history.ts';
import * as delivery from './delivery.ts';
import * as escalations from './escalations.ts';
import * as queue from './queue.ts';
import * as records from './records.ts';

export type { Transcript } from './delivery.ts';
export type Checker = (
  facts: Facts,
  history: readonly Entry[],
  transcripts: readonly delivery.Transcript[],
) => string[];

/** What must hold after every run. The names are those of the invariants. */
export const checkers: Record<string, Checker> = {
  I1: queue.oneAtATime,
  I2: queue.nobodyLost,
  I3: queue.firstComeFirstOffered,
  I4: queue.nobodyStarves,
  I5: queue.neverAboveCapacity,
  'I6 I7': queue.offersEndOnce,
  I8: escalations.ladderClimbs,
  'I8 I9': escalations.everyEscalationEnds,
  'I10 CT1': escalations.oneHolds,
  I11: delivery.whatWasSentIsStored,
  I12: delivery.inOrderOnceNoGaps,
  I13: delivery.bothHaveTheSame,
  'I14 I15': delivery.onlyOnesOwn,
  I16: escalations.noKeyTwice,
  I19: records.onRecord,
  I20: queue.absentPeersAreLeftAlone,
  I21: delivery.repeatsAnswerTheSame,
  I22: queue.onlyListedTransitions,
  I23: records.queueIsTheRows,
  I26: (facts) => [...queue.noTimerEarly(facts, []), ...escalations.ladderNotEarly(facts, [])],
};

export function violations(...found: Parameters<Checker>): string[] {
  return Object.entries(checkers).flatMap(([name, check]) => check(...found).map((what) => `${name}: ${what}`));
}
