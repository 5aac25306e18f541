import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';
import { close, closeRequest } from '../conversations/endConversation.ts';
import { lockConversation } from '../conversations/lockConversation.ts';
import { endRequest, liveColumns, type LiveRequest } from '../requests/leaveRequest.ts';
import { endPhone } from './endPhone.ts';

/** [PH4] A telephone that is not there any more was hung up: they leave the line, or end the conversation. No place is held. */
export function hangUp(deps: Deps, callerId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'phone.hangUp', actor: system }, async (tx) => {
    const { rows } = await tx.query<LiveRequest>(
      `select ${liveColumns} from request
       where caller_id = $1 and state in ('waiting', 'offered', 'matched') for update`,
      [callerId],
    );
    if (!(await endPhone(tx, callerId))) return { done: false };
    const request = rows[0];
    if (!request) return { done: true };
    tx.audit('phone.hungUp', request.line_id, request.id);
    if (request.state !== 'matched') {
      await endRequest(tx, deps, request, 'left');
      return { done: true };
    }
    const live = await tx.query<{ id: string }>(
      `select id from conversation where request_id = $1 and state = 'live'`,
      [request.id],
    );
    if (!live.rows[0]) return { done: true };
    const talk = await lockConversation(tx, live.rows[0].id);
    await close(tx, deps, talk, 'caller', 'hungUp');
    await closeRequest(tx, talk);
    return { done: true };
  });
}
