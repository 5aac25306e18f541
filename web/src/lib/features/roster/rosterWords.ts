import type { Rhythm } from './recurrence.ts';
import { rhythmOf } from './recurrence.ts';
import type { RosterRotation } from './roster.svelte.ts';
import { wallTime, wallWeekday } from './rosterTimes.ts';
import { m } from '#lib/paraglide/messages.js';

export const rhythmWord: Record<Rhythm, () => string> = {
  daily: m.staff_roster_rhythm_daily,
  weekdays: m.staff_roster_rhythm_weekdays,
  weekly: m.staff_roster_rhythm_weekly,
  fortnightly: m.staff_roster_rhythm_fortnightly,
  own: m.staff_roster_rhythm_own,
};

/** "Every Monday at 9:00 AM". */
export function whenWords({ recurrence, starts }: RosterRotation): string {
  const said = { day: wallWeekday(starts), time: wallTime(starts) };
  switch (rhythmOf(recurrence, starts)) {
    case 'daily':
      return m.staff_roster_when_daily(said);
    case 'weekdays':
      return m.staff_roster_when_weekdays(said);
    case 'weekly':
      return m.staff_roster_when_weekly(said);
    case 'fortnightly':
      return m.staff_roster_when_fortnightly(said);
    case 'own':
      return recurrence;
  }
}
