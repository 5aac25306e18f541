import { setTimeout } from 'node:timers/promises';
import type { Ending } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { pairedRounds } from '../paired.ts';
import { benchStack, crowd, type Crowd } from '../people.ts';
import type { Settings } from '../settings.ts';

const patienceMs = 20_000;
type Run = { ms: number; offers: number; twice: number };

/** Row 8: as many wait as peers come free in one moment; the time until an offer for each is committed. */
export async function backlogRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const count = Math.min(1000, s.people * 2);
  const people = await crowd(await benchStack(ending), ending);
  console.log(`making ${count} peers on a break and ${count} callers in line`);
  const lineId = await people.rows(count);
  const measured = await pairedRounds(
    s.rounds,
    () => allAtOnce(people, lineId, count),
    (n, run, taken) =>
      console.log(
        `row 8  round ${n}/${s.rounds}  ${run.ms.toFixed(0)} ms  ${run.offers} offers, ${run.twice} twice  ${lost(taken)}`,
      ),
  );
  const wrong = measured.rounds.reduce((sum, { values: v }) => sum + v.twice + Math.abs(count - v.offers), 0);
  if (wrong > 0) throw new Error(`${wrong} offers were missing or made twice`);
  return [
    figure(
      {
        row: 8,
        what: `${count} waiting, ${count} peers free at once, until all are offered`,
        unit: 'ms',
        better: 'lower',
        bar: 400,
        aim: 150,
      },
      measured,
      (run) => run.ms,
      'each request and each peer in exactly one offer; from the word that peers are free to the commit of the last offer',
    ),
  ];
}

async function allAtOnce({ deps }: Crowd, lineId: string, count: number): Promise<Run> {
  // a peer or caller without a page counts as away after a while; here they only just looked away
  await deps.sql.query('update request set absent_since = null, rev = rev + 1 where absent_since is not null', []);
  await deps.sql.query(`update peer_state set state = 'available', away_since = null, rest_until = null`, []);
  const start = performance.now();
  deps.hub.tell([{ type: 'peer.changed', lineId }]);
  const made = async () =>
    (await deps.sql.query<{ n: number }>(`select count(*)::int as n from offer where state = 'pending'`, [])).rows[0]
      ?.n;
  while (((await made()) ?? 0) < count && performance.now() - start < patienceMs) await setTimeout(5);
  const ms = performance.now() - start;
  const { rows } = await deps.sql.query<{ offers: number; twice: number }>(
    `select count(*)::int as offers, (2 * count(*) - count(distinct request_id) - count(distinct peer_id))::int as twice from offer`,
    [],
  );
  // back in line, as before
  await deps.sql.query(`update peer_state set state = 'break', load = 0`, []);
  await deps.sql.query('delete from due', []);
  await deps.sql.query('delete from offer', []);
  await deps.sql.query(`update request set state = 'waiting', rev = rev + 1 where state = 'offered'`, []);
  return { ms, offers: rows[0]?.offers ?? 0, twice: rows[0]?.twice ?? 0 };
}
