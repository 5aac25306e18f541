import { randomUUID } from 'node:crypto';
import type { Channel } from '@hearthline/shared/contracts/ids';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import { isCall } from '@hearthline/shared/domain/channel.machine';
import { openStateOf } from '@hearthline/shared/domain/hours';
import { crashPoint } from '../../crashPoints.ts';
import type { Deps } from '../../deps.ts';
import type { CallerActor } from '../../policies/actor.ts';
import { sqlFile } from '../../storage/postgres/pool.ts';

const statement = sqlFile(import.meta.url, './openRequest.sql');
type Row = {
  consented: boolean;
  staffed: boolean;
  waiting: number;
  live_id: string | null;
  known: boolean;
  opened_id: string | null;
  outbox_id: number | null;
};

/**
 * [RQ2] One live request a caller; asking again answers with the one there is. The id of the command is that of the
 * request, so that the same call much later, when that one is over, opens no second one (I21).
 */
export async function openRequest(
  deps: Deps,
  actor: CallerActor,
  channel: Channel,
  id: string = randomUUID(),
  attempt = 1,
): Promise<Result<{ requestId: string }>> {
  const line = deps.lines.byId(actor.lineId);
  if (!line) return refuse('line.gone');
  // somebody on the telephone is heard already, or would not have come
  if (channel !== 'phone') {
    const call = isCall(channel);
    if (!line.config.channels.includes(channel) || (call && deps.media.kind === 'off')) return refuse('media.off');
    if (call && deps.media.calls().state === 'down') return whileDown(deps, actor, id);
  }
  const now = deps.clock.now();
  const event = { type: 'request.opened' as const, lineId: line.id, requestId: id, callerId: actor.id };
  const intakeOpen = openStateOf(line.config, now, 1).state === 'open';
  const most = intakeOpen ? line.config.maxWaiting : 0;
  crashPoint('request.open.beforeCommit');
  const { rows } = await deps.hot.query<Row>(statement, [
    id,
    line.id,
    actor.id,
    channel,
    now,
    most,
    JSON.stringify(event),
  ]);
  const row = rows[0];
  if (!row) throw new Error('openRequest returned no row');
  if (row.opened_id) {
    crashPoint('request.open.afterCommit');
    deps.hub.tell([event]);
    if (row.outbox_id) deps.outboxTold([row.outbox_id]);
    return ok({ requestId: id });
  }
  if (row.live_id) return ok({ requestId: row.live_id });
  if (row.known) return ok({ requestId: id });
  if (!row.consented) return refuse('consent.missing');
  if (!intakeOpen) return refuse('line.closed');
  if (!row.staffed) return refuse('line.nobodyHere');
  if (row.waiting >= most) return refuse('line.full');
  // the same call opened one in this very moment: by now it is there to be answered with
  return attempt < 3 ? openRequest(deps, actor, channel, id, attempt + 1) : refuse('server.busy');
}

/** A call that cannot be held is not asked for: the page offers text. Whoever waits already goes on waiting. */
async function whileDown({ sql }: Deps, actor: CallerActor, id: string): Promise<Result<{ requestId: string }>> {
  const { rows } = await sql.query<{ id: string }>(
    `select id from request where caller_id = $1 and (state in ('waiting', 'offered', 'matched') or id = $2)
     order by state in ('waiting', 'offered', 'matched') desc limit 1`,
    [actor.id, id],
  );
  return rows[0] ? ok({ requestId: rows[0].id }) : refuse('media.down');
}
