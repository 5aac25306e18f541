import type { OnCallNow } from '@hearthline/shared/contracts/escalation';
import type { Lines } from '../storage/postgres/lines.store.ts';
import type { Sql } from '../storage/postgres/pool.ts';
import { answerTook, fewest, within } from './took.ts';

type Usual = OnCallNow['usual'];
type Parts = { lines: Lines; sql: Sql; clock: { now(): Date } };
const knownForMs = 60_000;
const known = new WeakMap<Lines, Map<string, { at: number; usual: Promise<Usual> }>>();

/**
 * [RO6] How long it took to the first "I'm on it" in the last 90 days: from the button, or from the yes of a caller who was
 * asked before. Worked out once a minute.
 */
export function usualTimes(deps: Parts, lineId: string): Promise<Usual> {
  const now = deps.clock.now();
  const lines = known.get(deps.lines) ?? new Map<string, { at: number; usual: Promise<Usual> }>();
  known.set(deps.lines, lines);
  const last = lines.get(lineId);
  if (last && Math.abs(now.getTime() - last.at) < knownForMs) return last.usual;
  const usual = read(deps, lineId, now);
  lines.set(lineId, { at: now.getTime(), usual });
  usual.catch(() => lines.delete(lineId));
  return usual;
}

async function read(deps: Pick<Parts, 'sql'>, lineId: string, now: Date): Promise<Usual> {
  const { rows } = await deps.sql.query<{ n: number; p50: number | null; p90: number | null }>(
    `select count(*)::int as n, ${within(0.5, answerTook)} as p50, ${within(0.9, answerTook)} as p90 from escalation
     where line_id = $1 and raised_at > $2::timestamptz - interval '90 days' and acknowledged_at is not null`,
    [lineId, now],
  );
  const [all] = rows;
  return all && all.n >= fewest && all.p50 !== null && all.p90 !== null ? { p50: all.p50, p90: all.p90 } : null;
}
