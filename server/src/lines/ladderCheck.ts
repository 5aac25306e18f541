import type { LineConfig } from '@hearthline/shared/contracts/line';
import type pg from 'pg';
import { gapsOfLadder, missingLayers } from '../onCall/ladderOf.ts';
import { readClinicians, readLayers } from '../onCall/readRoster.ts';
import { sqlOf } from '../storage/postgres/pool.ts';

const ahead = 14 * 86_400_000;

/**
 * What a terminal says of the ladder in a line file, before it is imported.
 * - `warn`: it goes in; the roster may come after the line.
 * - `refuse`: the line has a roster, and with this ladder nobody on it would be called in the next 14 days.
 */
export async function checkLadder(
  pool: pg.Pool,
  line: LineConfig,
  now = new Date(),
): Promise<{ say: 'fine' } | { say: 'warn' | 'refuse'; why: string }> {
  const steps = line.escalation?.steps;
  if (!steps) return { say: 'fine' };
  const sql = sqlOf(pool);
  const { rows } = await sql.query<{ id: string }>('select id from line where slug = $1', [line.slug]);
  const id = rows[0]?.id;
  const layers = id ? await readLayers(sql, id, now) : [];
  const end = new Date(now.getTime() + ahead);
  const clinicians = id ? await readClinicians(sql, id, null) : [];
  const [gap] = gapsOfLadder(steps, layers, clinicians, now, end);
  const never = gap?.from.getTime() === now.getTime() && gap.until.getTime() === end.getTime();
  const missing = missingLayers(steps, layers);
  if (never && layers.length > 0)
    return {
      say: 'refuse',
      why: `With this ladder (${steps.map((s) => s.layer).join(', ')}) nobody on the roster would be called in the next 14 days. The roster has: ${layers.map((l) => l.name).join(', ')}.`,
    };
  if (never)
    return {
      say: 'warn',
      why: 'Nobody is on the roster yet: callers are not offered a clinician until somebody is. Fill it at /staff/roster.',
    };
  return missing.length > 0
    ? { say: 'warn', why: `The roster has no ${missing.join(', ')} yet: that step calls nobody.` }
    : { say: 'fine' };
}
