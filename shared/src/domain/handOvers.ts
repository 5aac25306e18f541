import { RRuleTemporal } from 'rrule-temporal';

/** Wall-clock times of a rotation as if they were UTC, in milliseconds. A change of clocks is nothing here. */
export type Turn = { index: number; wall: number };

const minute = 60_000;
const day = 1440 * minute;
const week = 7 * day;
/** A first hand-over later than this is none. */
const mostYears = 5;
/** The library refuses to count more than 10 000 at once. */
const atOnce = 53 * week;

const list = (one: string): RegExp => new RegExp(`^${one}(,${one})*$`);
const day7 = '(MO|TU|WE|TH|FR|SA|SU)';
/** What of RFC 5545 a rotation may say. COUNT and UNTIL are not there: it would end in a gap that nobody decided. */
const parts: Record<string, RegExp> = {
  FREQ: /^(HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)$/,
  INTERVAL: /^[1-9]\d{0,2}$/,
  BYDAY: list(`([+-]?[1-5])?${day7}`),
  /** A few, so that years of them are soon counted. */
  BYHOUR: /^([01]?\d|2[0-3])(,([01]?\d|2[0-3])){0,5}$/,
  /** One, so that hand-overs are an hour apart at least. */
  BYMINUTE: /^[0-5]?\d$/,
  BYMONTH: list('([1-9]|1[0-2])'),
  BYMONTHDAY: list('[+-]?([1-9]|[12]\\d|3[01])'),
  BYYEARDAY: list('[+-]?([1-9]\\d?|[12]\\d\\d|3[0-5]\\d|36[0-6])'),
  BYWEEKNO: list('[+-]?([1-9]|[1-4]\\d|5[0-3])'),
  BYSETPOS: list('[+-]?[1-9]\\d?'),
  WKST: list(day7),
};

/** @returns the parts by name; null where one is unknown, said twice or out of range. */
function partsOf(recurrence: string): Map<string, string> | null {
  const said = new Map<string, string>();
  for (const part of recurrence.split(';')) {
    const [name = '', value = '', ...more] = part.split('=');
    if (more.length > 0 || said.has(name) || !Object.hasOwn(parts, name) || !parts[name]?.test(value)) return null;
    said.set(name, value);
  }
  return said.has('FREQ') ? said : null;
}

/** @returns null where there is no such date or time of day. */
export function wallOf(local: string): number | null {
  const wall = Date.parse(`${local}:00.000Z`);
  return !Number.isNaN(wall) && new Date(wall).toISOString().startsWith(local) ? wall : null;
}

/** The hand-overs of one rotation: turn 0 begins at `starts`, each next one at a hand-over after it. */
export type HandOvers = {
  /** Turns that begin in [from, to), and the one that runs at `from`, in order. */
  turns(from: number, to: number): Turn[];
};

const known = new Map<string, HandOvers | null>();
const mostKnown = 200;

/**
 * Rules are worked out once: what is kept is no more than counts.
 * @returns null where the rule cannot be read, or no hand-over ever follows the start.
 */
export function handOversOf(starts: string, recurrence: string): HandOvers | null {
  const key = `${starts} ${recurrence}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make(starts, recurrence);
  if (known.size >= mostKnown) known.delete(known.keys().next().value ?? '');
  known.set(key, made);
  return made;
}

function make(starts: string, recurrence: string): HandOvers | null {
  const start = wallOf(starts);
  const said = partsOf(recurrence);
  if (start === null || !said || start < Date.UTC(2000, 0, 1) || start >= Date.UTC(2100, 0, 1)) return null;
  try {
    const between = walls(start, recurrence);
    const years = Array.from({ length: mostYears }, (_, n) => start + n * atOnce);
    if (!years.some((y) => between(y, y + atOnce).length > 0)) return null;
    const period = periodOf(said);
    return turnsFrom(
      start,
      between,
      period === null ? countByYear(start, between) : countByPeriod(start, between, period),
    );
  } catch {
    return null; // what the library takes for wrong: "1MO" of a week
  }
}

type Between = (from: number, to: number) => number[];

/** Hand-overs after the start in [from, to). In UTC the library counts wall clock and nothing else. */
function walls(start: number, recurrence: string): Between {
  const stamp = new Date(start).toISOString().replace(/[-:]|\.000/g, '');
  const rule = new RRuleTemporal({ rruleString: `DTSTART:${stamp}\nRRULE:${recurrence}`, strict: true, cache: false });
  return (from, to) => {
    const found: number[] = [];
    for (let at = Math.max(from, start + 1); at < to; at += atOnce) {
      const last = Math.min(to, at + atOnce) - 1;
      found.push(...rule.between(new Date(at), new Date(last), true).map((one) => one.epochMilliseconds));
    }
    return found;
  };
}

/** After so many milliseconds such a rule says the same again; null where months and years make it uneven. */
function periodOf(said: Map<string, string>): number | null {
  const even = ['HOURLY', 'DAILY', 'WEEKLY'].includes(said.get('FREQ') ?? '');
  const uneven = ['BYMONTH', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO'].some((p) => said.has(p));
  return even && !uneven ? Number(said.get('INTERVAL') ?? 1) * week : null;
}

/** How many hand-overs lie after the start and before a time. */
type Count = (before: number) => number;

function countByPeriod(start: number, between: Between, period: number): Count {
  const each = between(start + 1, start + period + 1).length;
  return (before) => {
    const whole = Math.max(0, Math.floor((before - start - 1) / period));
    return whole * each + between(start + whole * period + 1, before).length;
  };
}

function countByYear(start: number, between: Between): Count {
  const first = new Date(start).getUTCFullYear();
  const upTo: number[] = [0]; // before the year `first + n`
  return (before) => {
    const year = Math.max(first, new Date(before).getUTCFullYear());
    for (let n = upTo.length; n <= year - first; n++)
      upTo.push((upTo[n - 1] ?? 0) + between(Date.UTC(first + n - 1, 0, 1), Date.UTC(first + n, 0, 1)).length);
    return (upTo[year - first] ?? 0) + between(Date.UTC(year, 0, 1), before).length;
  };
}

function turnsFrom(start: number, between: Between, count: Count): HandOvers {
  /** The last hand-over before a time, looked for further and further back. */
  const last = (before: number): number => {
    for (let back = week; ; back *= 8) {
      const found = between(before - back, before).at(-1);
      if (found !== undefined) return found;
      if (before - back <= start) return start;
    }
  };
  return {
    turns(from, to) {
      if (to <= start) return [];
      const next = between(from, to);
      const index = count(from);
      const running: Turn[] =
        from > start ? [{ index, wall: index === 0 ? start : last(from) }] : [{ index: 0, wall: start }];
      return [...running, ...next.map((wall, i) => ({ index: index + 1 + i, wall }))];
    },
  };
}
