import type pg from 'pg';
import type { History } from './history.ts';
import { pause } from './person.ts';

const sampleMs = 500;

/** Who is first in line and may be offered something, and whether somebody free may take them; asked of the rows directly. */
export function startSamples(pool: pg.Pool, history: History): { stop(): Promise<void> } {
  let on = true;
  async function sample(): Promise<void> {
    const { rows } = await pool.query<{ head: string }>(
      `select r.id as head from request r where r.state = 'waiting' and r.absent_since is null
         and exists (select 1 from peer_state s where s.state = 'available' and s.away_since is null
           and (s.rest_until is null or s.rest_until <= clock_timestamp()) and s.load + 100 / s.chat_limit <= 100
           and not exists (select 1 from offer o where o.peer_id = s.staff_id and o.state = 'pending')
           and not exists (select 1 from request_exclusion x where x.request_id = r.id and x.peer_id = s.staff_id
             and (x.why = 'recused' or x.at > clock_timestamp() - interval '60 s')))
       order by r.class, r.first_joined_at, r.id limit 1`,
    );
    history.add('rig', 'sample', 'info', { head: rows[0]?.head ?? null });
  }
  const sampling = (async () => {
    for (; on; await pause(sampleMs)) await sample().catch(() => {}); // the database is among what is broken
  })();
  return {
    stop: () => {
      on = false;
      return sampling;
    },
  };
}
