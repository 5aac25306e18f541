import type { World } from './world.ts';

/** Whoever has given no sign for so long has no page. */
export const leaseMs = 15_000;
/** As Redis has it; while it has just been emptied everybody counts. */
export function hasPage(
  { now, redisSince, people }: Pick<World, 'now' | 'redisSince' | 'people'>,
  id: string,
): boolean {
  const person = people.get(id);
  return now - redisSince < leaseMs || Boolean(person?.server) || (person?.leaseUntil ?? 0) > now;
}
/** [RQ4] So long the place of somebody is held who is silent, or whose tab was closed; in a talk of anybody who is away (CO2). */
export const silentHoldMs = 600_000;
export const closedHoldMs = 60_000;
