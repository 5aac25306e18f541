import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { DueKind } from '@hearthline/shared/contracts/jobs';
import { crashPoint } from '../crashPoints.ts';
import type { Deps } from '../deps.ts';
import { runDue } from './dueActs.ts';

/** Runs every timer whose row is due, whoever was to be prompt about it. Two sweepers at once are harmless. */
export async function sweepDue(deps: Deps): Promise<number> {
  const { rows } = await deps.sql.query<{ kind: DueKind; subject_id: string }>(
    'select kind, subject_id from due where due_at <= $1 order by due_at limit 500',
    [deps.clock.now()],
  );
  let done = 0;
  for (const row of rows) {
    try {
      if (await runDue(deps, row.kind, row.subject_id)) done++;
    } catch (e) {
      deps.log.error(
        { err: (e as Error).message, kind: row.kind, subject: row.subject_id },
        'a due row failed; it stays due',
      ); // the others go on
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
