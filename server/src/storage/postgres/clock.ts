import type { Sql } from './pool.ts';

export type Clock = { now(): Date };
const systemClock: Clock = { now: () => new Date() };

/** A slower answer does not tell when in between the clock was read: such a measure would move every deadline. */
const mostRoundTripMs = 250;

/** Follows the database's clock, so that a node whose own clock is wrong still keeps every deadline (I26, F38). */
export function databaseClock(sql: Sql, every = 5000) {
  let offset = 0;
  let roundTrip = Infinity;
  async function measure() {
    const before = Date.now();
    const { rows } = await sql.query<{ at: Date }>('select clock_timestamp() as at', []);
    const after = Date.now();
    const at = rows[0]?.at;
    if (!at || (after - before > mostRoundTripMs && after - before >= roundTrip)) return;
    roundTrip = after - before;
    offset = at.getTime() - (before + after) / 2;
  }
  const timer = setInterval(() => void measure().catch(() => {}), every);
  timer.unref();
  return {
    now: () => new Date(systemClock.now().getTime() + Math.round(offset)),
    offsetMs: () => offset,
    measure,
    stop: () => clearInterval(timer),
  };
}
