/** What a form offers instead of a rule to write. `own`: a rule of RFC 5545. */
export const rhythms = ['daily', 'weekdays', 'weekly', 'fortnightly', 'own'] as const;
export type Rhythm = (typeof rhythms)[number];

const days = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;
/** @param starts wall clock, `2026-11-30T09:00` */
const dayOf = (starts: string): string => days[new Date(`${starts}:00Z`).getUTCDay()] ?? 'MO';

/** The rule of a rhythm; weekly ones hand over on the weekday on which they start. */
export function ruleOf(rhythm: Rhythm, starts: string, own: string): string {
  switch (rhythm) {
    case 'daily':
      return 'FREQ=DAILY';
    case 'weekdays':
      return 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR';
    case 'weekly':
      return `FREQ=WEEKLY;BYDAY=${dayOf(starts)}`;
    case 'fortnightly':
      return `FREQ=WEEKLY;INTERVAL=2;BYDAY=${dayOf(starts)}`;
    case 'own':
      return own
        .trim()
        .toUpperCase()
        .replace(/^RRULE:/, '');
  }
}

export const rhythmOf = (recurrence: string, starts: string): Rhythm =>
  rhythms.find((one) => one !== 'own' && ruleOf(one, starts, '') === recurrence) ?? 'own';
