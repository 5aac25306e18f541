import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';
import { endRequest, liveColumns, type LiveRequest } from '../requests/leaveRequest.ts';

/** For a statement in which `r` is the request. A peer who is lost counts as long as a caller waits for them (CO4). */
const nobodyTakesIt = (lostBefore: string): string => `r.channel = 'phone' and r.state = 'waiting' and not exists (
  select 1 from peer_state s where s.line_id = r.line_id and s.state not in ('off', 'finishing') and 'voice' = any(s.channels)
    and (s.away_since is null or s.away_since >= ${lostBefore}::timestamptz))`;
const lostBefore = (deps: Deps, now: Date): Date => new Date(now.getTime() - deps.config.peerBackMs);

/** [PH7] Who waits on the telephone for nobody hears silence and nothing else, so their call ends. */
export async function endUntaken(deps: Deps): Promise<void> {
  const { rows } = await deps.sql.query<{ id: string }>(
    `select r.id from phone_call p join request r on r.id = p.id where p.ended_at is null and ${nobodyTakesIt('$1')} limit 500`,
    [lostBefore(deps, deps.clock.now())],
  );
  for (const { id } of rows) await endOne(deps, id);
}

/** Judged on the locked row; somebody who takes voice in this very moment finds the next caller. */
function endOne(deps: Deps, requestId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'phone.endUntaken', actor: system }, async (tx) => {
    const { rows } = await tx.query<LiveRequest>(
      `select ${liveColumns} from request r where id = $1 and ${nobodyTakesIt('$2')} for update`,
      [requestId, lostBefore(deps, tx.now)],
    );
    const request = rows[0];
    if (!request) return { done: false };
    await endRequest(tx, deps, request, 'lapsed');
    tx.audit('request.lapsed', request.line_id, request.id, { why: 'notTaken' });
    return { done: true };
  });
}
