import { m } from '#lib/paraglide/messages.js';

const clockTime = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });

/** Wall-clock time of an instant, in the reader's own zone. */
export const timeOf = (instant: string | number) =>
  clockTime.format(typeof instant === 'string' ? Date.parse(instant) : instant);
export const secondsSince = (instant: string, now: number) =>
  Math.max(0, Math.floor((now - Date.parse(instant)) / 1000));
export const minutesSince = (instant: string, now: number) => Math.floor(secondsSince(instant, now) / 60);
/** Whole seconds until an instant, never below 0; the last started second still counts. */
export const secondsUntil = (instant: string, now: number) =>
  Math.max(0, Math.ceil((Date.parse(instant) - now) / 1000));
/** "14:05", or "1:14:05" from an hour on. */
export function ageWords(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const h = Math.floor(seconds / 3600),
    m = Math.floor(seconds / 60) % 60,
    s = seconds % 60;
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export type AgeSign = 'good' | 'warn' | 'alarm';
/** Against a target in minutes: near from three quarters of it, past from the target itself. */
export function ageSign(seconds: number, targetMinutes: number): AgeSign {
  const target = targetMinutes * 60;
  return seconds >= target ? 'alarm' : seconds >= target * 0.75 ? 'warn' : 'good';
}

/** @param hour of the reader's own day, 0 to 23. */
export function greetingAt(hour: number): string {
  if (hour < 5) return m.staff_sign_in_hello();
  if (hour < 12) return m.staff_sign_in_morning();
  return hour < 18 ? m.staff_sign_in_day() : m.staff_sign_in_evening();
}
