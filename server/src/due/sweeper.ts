import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { DueKind } from '@hearthline/shared/contracts/jobs';
import { crashPoint } from '../crashPoints.ts';
import type { Deps } from '../deps.ts';
import { isOutage } from '../storage/postgres/outage.ts';
import { runDue } from './dueActs.ts';

const mostTries = 5;

type DueRow = { kind: DueKind; subject_id: string };
/**
 * [F41] Tried again after 1, 2, 4 and 8 s, then parked for ten minutes at a time, with an alarm each time. What the database
 * cannot do for a while is nobody's fault and stays due.
 */
async function tryLater(deps: Deps, row: DueRow, error: Error): Promise<void> {
  const about = { err: error.message, kind: row.kind, subject: row.subject_id };
  if (isOutage(error)) return deps.log.warn(about, 'a timer waits for the database');
  const { rows } = await deps.sql.query<{ tries: number }>(
    `update due set tries = tries + 1, due_at = $3::timestamptz +
       case when tries + 1 >= $4 then interval '10 minutes' else make_interval(secs => power(2, tries)) end
     where kind = $1 and subject_id = $2 and due_at <= $3 returning tries`,
    [row.kind, row.subject_id, deps.clock.now(), mostTries],
  );
  const tries = rows[0]?.tries ?? 0;
  deps.log.error({ ...about, tries }, tries >= mostTries ? 'a timer is parked: it cannot be done' : 'a timer failed');
}

/** Runs every timer whose row is due, whoever was to be prompt about it. Two sweepers at once are harmless. */
export async function sweepDue(deps: Deps): Promise<number> {
  const { rows } = await deps.sql.query<DueRow>(
    'select kind, subject_id from due where due_at <= $1 order by due_at limit 500',
    [deps.clock.now()],
  );
  return runAll(deps, rows);
}

/** So late a ladder waits for the workers, whose part it is. */
const ladderLateMs = 700;
/**
 * [I8] Ladders that are late, in every server: that no worker is alive shows only after seconds, and a step has two. Whoever
 * comes second finds it done.
 */
export async function climbLate(deps: Deps): Promise<number> {
  const { rows } = await deps.sql.query<DueRow>(
    `select kind, subject_id from due where kind = 'escalation.goOn' and due_at <= $1 order by due_at limit 100`,
    [new Date(deps.clock.now().getTime() - ladderLateMs)],
  );
  return runAll(deps, rows);
}

async function runAll(deps: Deps, rows: readonly DueRow[]): Promise<number> {
  let done = 0;
  for (const row of rows) {
    try {
      if (await runDue(deps, row.kind, row.subject_id)) done++;
    } catch (e) {
      await tryLater(deps, row, e as Error); // the others go on
    }
  }
  return done;
}

/** Tells again what was committed over 2 s ago and never marked as told. */
export async function relayOutbox(deps: Deps): Promise<number> {
  const now = deps.clock.now();
  const { rows } = await deps.sql.query<{ event: DomainEvent }>(
    `with late as (select id from outbox where dispatched_at is null and written_at < $1 order by id limit 500 for update skip locked)
     update outbox o set dispatched_at = $2 from late where o.id = late.id returning o.event`,
    [new Date(now.getTime() - 2000), now],
  );
  if (rows.length > 0) crashPoint('outbox.relay.afterCommit');
  deps.hub.tell(rows.map((r) => r.event));
  return rows.length;
}

/** Keeps the operational logs short. */
export async function tidyLogs(deps: Deps): Promise<void> {
  const now = deps.clock.now().getTime();
  await deps.sql.query('delete from outbox where dispatched_at < $1', [new Date(now - 3_600_000)]);
  await deps.sql.query('delete from command_log where at < $1', [new Date(now - 86_400_000)]);
  await deps.sql.query(`delete from node where seen_at < $1`, [new Date(now - 3_600_000)]);
}
