import type { Result } from '@hearthline/shared/contracts/refusals';
import { openStateOf } from '@hearthline/shared/domain/hours';
import { statesBefore } from '@hearthline/shared/domain/request.machine';
import type { Deps } from '../../deps.ts';
import { system, type CallerActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused, type Tx } from '../command.ts';
import { endWithRequest } from '../escalations/withTalk.ts';
import { rescindOffer } from '../offers/rescindOffer.ts';
import { endPhone } from '../phone/endPhone.ts';

export type LiveRequest = {
  id: string;
  line_id: string;
  caller_id: string;
  state: string;
  class: number;
  absent_since: Date | null;
};
export const liveColumns = 'id, line_id, caller_id, state, class, absent_since';

/** [RQ3] Leaving on purpose ends the request at once; a peer who was being asked is told. */
export function leaveRequest(deps: Deps, actor: CallerActor, commandId: string): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'request.leave', actor, commandId }, async (tx) => {
    const request = await lockLive(tx, actor.id);
    if (!request) throw new Refused('request.gone');
    allow(can(actor, 'request.leave', { callerId: request.caller_id }), 'request.gone');
    await endRequest(tx, deps, request, 'left');
    tx.audit('request.left', request.line_id, request.id);
    return { done: true as const };
  });
}

/** [RQ4] A silent caller's place is held, then lapses; run by the due row, judged on the locked row. */
export function lapseRequest(deps: Deps, requestId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'request.lapse', actor: system }, async (tx) => {
    const { rows } = await tx.query<LiveRequest>(`select ${liveColumns} from request where id = $1 for update`, [
      requestId,
    ]);
    const request = rows[0];
    if (!request?.absent_since || !['waiting', 'offered'].includes(request.state)) return { done: false };
    await endRequest(tx, deps, request, 'lapsed');
    tx.audit('request.lapsed', request.line_id, request.id);
    return { done: true };
  });
}

/**
 * [RQ7] The line is closed and no peer is on shift: nobody can answer any more, so whoever still waits is told so instead
 * of being kept. Judged on the locked row; somebody who comes on shift in this moment finds the next caller.
 */
export function endAtClosing(deps: Deps, requestId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'request.endAtClosing', actor: system }, async (tx) => {
    const { rows } = await tx.query<LiveRequest>(
      `select ${liveColumns} from request r where id = $1 and state = 'waiting'
         and not exists (select 1 from peer_state s where s.line_id = r.line_id and s.state not in ('off', 'finishing')) for update`,
      [requestId],
    );
    const request = rows[0];
    const line = request && deps.lines.byId(request.line_id);
    if (!line || openStateOf(line.config, tx.now, 0).state !== 'closed') return { done: false };
    await tx.query(`update request set end_reason = 'closed' where id = $1`, [request.id]);
    await endRequest(tx, deps, request, 'lapsed');
    tx.audit('request.lapsed', request.line_id, request.id, { why: 'closed' });
    return { done: true };
  });
}

async function lockLive(tx: Tx, callerId: string): Promise<LiveRequest | undefined> {
  const { rows } = await tx.query<LiveRequest>(
    `select ${liveColumns} from request where caller_id = $1 and state in ('waiting', 'offered') for update`,
    [callerId],
  );
  return rows[0];
}

export async function endRequest(tx: Tx, deps: Deps, request: LiveRequest, to: 'left' | 'lapsed'): Promise<void> {
  const moved = await tx.query(
    'update request set state = $2, ended_at = $3, rev = rev + 1 where id = $1 and state = any($4)',
    [request.id, to, tx.now, statesBefore(to)],
  );
  if (moved.rowCount === 0) throw new Refused('request.gone');
  await rescindOffer(tx, { requestId: request.id });
  await endPhone(tx, request.caller_id);
  if (request.class === 0) await endWithRequest(deps, tx, request.caller_id); // was in a talk before
  tx.undue('request.lapse', request.id);
  tx.emit({ type: `request.${to}`, lineId: request.line_id, requestId: request.id, callerId: request.caller_id });
}
