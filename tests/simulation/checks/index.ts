import type { Check, Seen } from './check.ts';
import { handOffReturns, headOnlyWhenAlone, passesByTheRules, somebodyHolds } from './control.ts';
import {
  askedByHolder,
  askedRightly,
  callerFirst,
  comesAsAsked,
  leavesAsItWas,
  linesMatch,
  oneRingEach,
  threeInCall,
} from './invited.ts';
import { endIsLoud, failedClimbsEarly, firstOwns, gapsAreTold, neverSleeps, nobodyPassedOver } from './ladder.ts';
import { neverEarly, onceAKey, onlyListed } from './moves.ts';
import { heldFromFirst, loadAddsUp, nobodyLost, nobodyStarves, offersResolveOnce, oneAtATime } from './queue.ts';
import { epochPerChange, removedIsOut, shownByStay } from './reading.ts';
import { calledOn, joinedIsThere } from './talkGone.ts';

/** What holds after every happening, by rule. */
export const checks = {
  I1: oneAtATime,
  I2: nobodyLost,
  I4: nobodyStarves,
  I5: loadAddsUp,
  I6: offersResolveOnce,
  I8: neverSleeps,
  I9: endIsLoud,
  I10: firstOwns,
  I14: shownByStay,
  I16: onceAKey,
  I22: onlyListed,
  I26: neverEarly,
  CO2: heldFromFirst,
  CT1: somebodyHolds,
  CT2: headOnlyWhenAlone,
  CT4: passesByTheRules,
  ES2: nobodyPassedOver,
  ES5: failedClimbsEarly,
  ES8: handOffReturns,
  ES15: joinedIsThere,
  ES16: calledOn,
  IN1: askedByHolder,
  IN2: callerFirst,
  IN3: comesAsAsked,
  IN4: leavesAsItWas,
  IN6: linesMatch,
  IN7: askedRightly,
  MA3: oneRingEach,
  PA2: epochPerChange,
  PA4: removedIsOut,
  PA7: threeInCall,
  RO4: gapsAreTold,
} satisfies Record<string, Check>;
export type Rule = keyof typeof checks;
const all = Object.entries<Check>(checks);
/** Where nothing was written only these can have come to fail. */
const byTime = new Set<string>(['I2', 'I4', 'I6', 'I8', 'I9', 'I16', 'CT1', 'ES5', 'IN4'] satisfies Rule[]);
const whenQuiet = all.filter(([rule]) => byTime.has(rule));

/** @returns what does not hold, each with its rule */
export function violations(seen: Seen): string[] {
  const wrong: string[] = [];
  const quiet = seen.fresh.length === 0 && seen.ledger.shown.length === 0;
  for (const [rule, check] of quiet ? whenQuiet : all) for (const what of check(seen)) wrong.push(`${rule}: ${what}`);
  return wrong;
}
