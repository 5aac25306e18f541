import { ok, refuse, type Result } from '../contracts/refusals.ts';
import { instantOf, localOf } from './wallClock.ts';

const dayMs = 86_400_000;
/** [MS1] Days that one look takes at most, and without a wish. */
export const mostDays = 366;
export const usualDays = 30;
/** [MS8] So long the times of a case are kept. */
export const keptDays = 400;

/** Whole days of the line, the last one too: 2026-11-25. */
export type Days = { from: string; to: string };

const wallOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const dayOfWall = (wall: number): string => new Date(wall).toISOString().slice(0, 10);
/** 2026-02-30 is none. */
const isDay = (day: string): boolean => !Number.isNaN(wallOf(day)) && dayOfWall(wallOf(day)) === day;

/** The day that an instant is in, by the wall clock of a zone. */
export const dayOf = (timeZone: string, at: Date): string => dayOfWall(localOf(timeZone, at.getTime()));
export const daysBefore = (day: string, days: number): string => dayOfWall(wallOf(day) - days * dayMs);

/** [MS1] The days that are asked for; without any the last 30. A day that is still to come, or not kept any more, is refused. */
export function daysAsked(asked: { [D in keyof Days]?: Days[D] | undefined }, today: string): Result<Days> {
  const { from, to } = asked;
  if (from === undefined && to === undefined) return ok({ from: daysBefore(today, usualDays - 1), to: today });
  const good =
    from !== undefined &&
    to !== undefined &&
    isDay(from) &&
    isDay(to) &&
    from <= to &&
    to <= today &&
    from >= daysBefore(today, keptDays - 1) &&
    from > daysBefore(to, mostDays);
  return good ? ok({ from, to }) : refuse('measures.days');
}

/** From the first moment of the first day to before the first moment after the last: a day of a change of clocks has 23 or 25 hours. */
export const boundsOf = (timeZone: string, { from, to }: Days): { from: Date; until: Date } => ({
  from: new Date(instantOf(timeZone, wallOf(from))),
  until: new Date(instantOf(timeZone, wallOf(to) + dayMs)),
});
