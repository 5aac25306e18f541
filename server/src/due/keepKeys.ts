import type { Deps } from '../deps.ts';
import { destroyConversationKeys, destroyRecordKey } from '../keys/destroy.ts';
import { rotateKeys } from '../keys/rotateKeys.ts';

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
    for (const kind of ['wrapUp', 'survey']) await destroyRecordKey(deps.sql, kind, id);
    await deps.sql.query(`delete from sealed_field where owner_kind in ('wrapUp', 'survey') and owner_id = $1`, [id]);
    await deps.sql.query('delete from message where conversation_id = $1', [id]);
    await deps.sql.query('update conversation set purge_due_at = null where id = $1', [id]);
  }
  await purgeCallers(deps);
  return rows.length;
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
