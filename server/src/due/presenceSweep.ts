import { callerAway } from '../commands/callers/callerPresence.ts';
import { staffAway } from '../commands/parties/staffPresence.ts';
import type { Deps } from '../deps.ts';
import { presenceEpochKey, presenceKey } from '../storage/redis/keys.ts';

export const leaseMs = 15_000;
/** Whoever has been away for so long is like one who was never here. */
const forgetMs = 60_000;

/**
 * Who has no live page on any node. A server tells departures at once; this finds those whose server died with them.
 * An emptied Redis means "unknown": absence counts only one whole lease after presence was first written again. A telephone
 * has no page: it is there while the media server hears it (PH4).
 */
export async function sweepPresence(deps: Deps): Promise<void> {
  const now = deps.clock.now().getTime();
  const since = await deps.redis.get(presenceEpochKey);
  if (!since || now - Number(since) < leaseMs) return;
  await deps.redis.zremrangebyscore(presenceKey, '-inf', now - forgetMs);
  const here = new Set(await deps.redis.zrangebyscore(presenceKey, now, '+inf'));
  const callers = await deps.sql.query<{ id: string }>(
    `select caller_id as id from request where state in ('waiting', 'offered') and absent_since is null and first_joined_at < $1 and channel <> 'phone'
     union select caller_id from conversation where state = 'live' and side_of is null and caller_lost_at is null and started_at < $1 and channel <> 'phone'`,
    [new Date(now - leaseMs)],
  );
  for (const { id } of callers.rows) if (!here.has(id)) await callerAway(deps, id, false);
  const staff = await deps.sql.query<{ id: string }>(
    `select p.staff_id as id from peer_state p join shift s on s.id = p.shift_id where p.away_since is null and s.started_at < $1
     union select party_id from participant where left_at is null and role <> 'caller' and lost_at is null and joined_at < $1`,
    [new Date(now - leaseMs)],
  );
  for (const { id } of staff.rows) if (!here.has(id)) await staffAway(deps, id);
}
