import { weekdays, type LineConfig, type OpenSpan, type OpenState } from '../contracts/line.contract.ts';
import { instantOf, localOf } from './wallClock.ts';

type Hours = Pick<LineConfig, 'hours' | 'holidays' | 'timeZone' | 'intakeStopsMinutes'>;
type KnownState = Exclude<OpenState, { state: 'unreachable' }>;
type Span = { from: number; to: number };
const minute = 60_000;
const day = 1440 * minute;
const lookAhead = 15;

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The spans of a local day as instants. Holidays take the place of the weekday's own. */
function spansOn(line: Hours, localDay: number): Span[] {
  const date = new Date(localDay).toISOString().slice(0, 10);
  const weekday = weekdays[(new Date(localDay).getUTCDay() + 6) % 7];
  const spans: readonly OpenSpan[] = line.holidays[date] ?? (weekday ? line.hours[weekday] : []) ?? [];
  return spans
    .map((s) => ({
      from: instantOf(line.timeZone, localDay + minutesOf(s.from) * minute),
      to: instantOf(line.timeZone, localDay + minutesOf(s.to) * minute),
    }))
    .filter((s) => s.from < s.to); // a span inside a skipped hour is none
}

/** Spans around a local day, in order, those that touch joined: open to midnight and from midnight is one span. */
function spansAround(line: Hours, today: number): Span[] {
  const joined: Span[] = [];
  for (let d = -1; d <= lookAhead; d++) {
    for (const span of spansOn(line, today + d * day).sort((a, b) => a.from - b.from)) {
      const last = joined.at(-1);
      if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
      else joined.push({ ...span });
    }
  }
  return joined;
}

/** The first opening beyond the days looked at already, within a year: a line may close for a season. */
function firstBeyond(line: Hours, today: number): number | null {
  for (let d = lookAhead + 1; d <= 366; d++) {
    const [first] = spansOn(line, today + d * day).sort((a, b) => a.from - b.from);
    if (first) return first.from;
  }
  return null;
}

/** What a local day of a line has around it, from its first instant to before its last. `beyond` is looked up when asked. */
type Around = { from: number; to: number; today: number; spans: Span[]; beyond?: number | null };
/** Kept for the day, since it is asked with every request and view. A line's settings are replaced, never changed in place. */
const known = new WeakMap<Hours, Around>();
function around(line: Hours, now: number): Around {
  const last = known.get(line);
  if (last && last.from <= now && now < last.to) return last;
  const today = Math.floor(localOf(line.timeZone, now) / day) * day;
  const [from, to] = [instantOf(line.timeZone, today), instantOf(line.timeZone, today + day)];
  const made = { from, to, today, spans: spansAround(line, today) };
  known.set(line, made);
  return made;
}
function openingBeyond(line: Hours, days: Around): number | null {
  if (days.beyond === undefined) days.beyond = firstBeyond(line, days.today);
  return days.beyond;
}

/**
 * [LN1] Open means: within hours, before the last new talk, and a peer is on shift. Never a button without a person.
 * @param peersOnShift how many could answer. Times are UTC instants; null where the line never closes or never opens.
 */
export function openStateOf(line: Hours, now: Date, peersOnShift: number): KnownState {
  const at = now.getTime();
  const days = around(line, at);
  const { spans } = days;
  const current = spans.find((s) => s.from <= at && at < s.to);
  const next = spans.find((s) => s.from > at)?.from ?? openingBeyond(line, days);
  const opensAt = next === null ? null : new Date(next).toISOString();
  if (!current) return { state: 'closed', opensAt };
  const always = current.to - at > (lookAhead - 1) * day;
  const closesAt = always ? null : new Date(current.to).toISOString();
  const stops = current.to - line.intakeStopsMinutes * minute;
  if (closesAt !== null && at >= stops) return { state: 'closingSoon', closesAt, opensAt };
  if (peersOnShift === 0) return { state: 'nobodyHere', closesAt };
  return { state: 'open', closesAt, intakeStopsAt: closesAt === null ? null : new Date(stops).toISOString() };
}
