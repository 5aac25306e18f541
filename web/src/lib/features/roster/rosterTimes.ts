import { getLocale } from '#lib/paraglide/runtime.js';
import { instantOf, localOf } from '@hearthline/shared/domain/wallClock';

const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat(getLocale(), {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
  });
  formats.set(timeZone, made);
  return made;
}

/** "Mon, Nov 30, 9:00 AM" of a zone. */
export const dayAndTime = (instant: string, timeZone: string): string => formatOf(timeZone).format(Date.parse(instant));
/** The same of a wall-clock time, whatever its zone. */
export const wallDayAndTime = (wall: string): string => formatOf('UTC').format(Date.parse(`${wall}:00Z`));
export const wallTime = (wall: string): string =>
  new Intl.DateTimeFormat(getLocale(), { timeZone: 'UTC', hour: 'numeric', minute: '2-digit' }).format(
    Date.parse(`${wall}:00Z`),
  );
export const wallWeekday = (wall: string): string =>
  new Intl.DateTimeFormat(getLocale(), { timeZone: 'UTC', weekday: 'long' }).format(Date.parse(`${wall}:00Z`));

/** What a `datetime-local` field holds, of a zone. */
export const toField = (instant: number, timeZone: string): string =>
  new Date(localOf(timeZone, instant)).toISOString().slice(0, 16);
/** @returns null while the field is not filled in. */
export function fromField(field: string, timeZone: string): string | null {
  const wall = Date.parse(`${field}:00Z`);
  return Number.isNaN(wall) ? null : new Date(instantOf(timeZone, wall)).toISOString();
}

export const zones = (): string[] => Intl.supportedValuesOf('timeZone');
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
