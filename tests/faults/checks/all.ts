import type { Record_ } from '../record.ts';
import type { Check } from './check.ts';
import * as matching from './matching.ts';
import * as messages from './messages.ts';
import * as records from './records.ts';

export const checks = {
  I1: matching.oneAtATime,
  I2: matching.noneLost,
  I3: matching.inOrder,
  I4: matching.noneStarves,
  I5: matching.withinCapacity,
  I6: matching.resolvedOnce,
  I7: matching.staleIsRefused,
  I11: messages.sentIsStored,
  I12: messages.onceInOrder,
  I13: messages.bothHaveAll,
  I14: messages.onlyTheParties,
  I15: messages.onlyOwn,
  I19: records.onRecord,
  I20: matching.notToTheAbsent,
  I21: records.repeatsAreOne,
  I22: records.onlyListedSteps,
  I23: records.queueIsTheRows,
  I24: records.nothingKept,
  I25: records.politeDeploy,
  I26: records.timersByOneClock,
} satisfies Record<string, Check>;
export type InvariantId = keyof typeof checks;

const mostTold = 5;

/** @returns what was broken, by invariant; empty when all held. */
export function judge(record: Record_): Partial<Record<InvariantId, string[]>> {
  const broken = Object.entries(checks).map(([id, check]) => [id, check(record).slice(0, mostTold)] as const);
  return Object.fromEntries(broken.filter(([, wrong]) => wrong.length > 0));
}
