import { keptDays } from '@hearthline/shared/domain/measures';
import type { Deps } from '../deps.ts';
import { destroyConversationKeys, destroyRecordKey } from '../keys/destroy.ts';
import { rotateKeys } from '../keys/rotateKeys.ts';

const escalationRecords = ['escalation', 'peerTold', 'clinicalNote'];

/** Daily keys: live keys move to today's, those made over 7 days ago are destroyed. Running it more often changes nothing. */
export async function keepKeys(deps: Deps): Promise<void> {
  const done = await rotateKeys(deps.sql, deps.ring, deps.clock.now());
  deps.log.info(done, 'keys rotated');
}

/** Purges what has been kept as long as the line says: keys first, so that half a purge is already unreadable (F43). */
export async function purgeDue(deps: Deps): Promise<number> {
  const { rows } = await deps.sql.query<{ id: string }>(
    'select id from conversation where purge_due_at <= $1 order by purge_due_at limit 200',
    [deps.clock.now()],
  );
  for (const { id } of rows) {
    await destroyConversationKeys(deps.sql, id);
    await purgeRecords(deps, ['survey'], [id]);
    await purgeRecords(deps, ['wrapUp'], await idsOf(deps, 'wrap_up', id));
    // that there were some stays, for the measures (MS8)
    await purgeRecords(deps, escalationRecords, await idsOf(deps, 'escalation', id));
    await deps.sql.query('delete from message where conversation_id = $1', [id]);
    await deps.sql.query('update conversation set purge_due_at = null where id = $1', [id]);
  }
  await purgeCallers(deps);
  await purgeMeasured(deps);
  return rows.length;
}

async function idsOf(deps: Deps, table: 'wrap_up' | 'escalation', conversationId: string): Promise<string[]> {
  const { rows } = await deps.sql.query<{ id: string }>(`select id from ${table} where conversation_id = $1`, [
    conversationId,
  ]);
  return rows.map(({ id }) => id);
}

/** What was written of them goes, the keys first. */
async function purgeRecords(deps: Deps, kinds: readonly string[], ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    for (const kind of kinds) await destroyRecordKey(deps.sql, kind, id);
    await deps.sql.query('delete from sealed_field where owner_kind = any($1) and owner_id = $2', [kinds, id]);
  }
}

/** [MS8] Times that nothing hangs on any more. */
async function purgeMeasured({ sql, clock }: Deps): Promise<void> {
  const before = new Date(clock.now().getTime() - keptDays * 86_400_000);
  await sql.query('delete from escalation where conversation_id is null and raised_at < $1', [before]);
}

/** A caller goes with the last conversation: session, consent, code and name. */
async function purgeCallers(deps: Deps): Promise<void> {
  const { rows } = await deps.sql.query<{ id: string }>(
    `select c.id from caller c join line l on l.id = c.line_id
     where c.seen_at < $1::timestamptz - make_interval(days => coalesce((l.config ->> 'retentionDays')::int, 30))
       and not exists (select 1 from conversation v where v.caller_id = c.id and (v.state = 'live' or v.purge_due_at is not null))
       and not exists (select 1 from request r where r.caller_id = c.id and r.state in ('waiting', 'offered', 'matched')) limit 200`,
    [deps.clock.now()],
  );
  for (const { id } of rows) {
    await destroyRecordKey(deps.sql, 'caller', id);
    await deps.sql.query(`delete from sealed_field where owner_kind = 'caller' and owner_id = $1`, [id]);
    await deps.sql.query('delete from caller where id = $1', [id]);
  }
}
