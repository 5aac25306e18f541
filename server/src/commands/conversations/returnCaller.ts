import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { system, type CallerActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused } from '../command.ts';
import { passOn } from '../parties/passOn.ts';
import { absent, lockConversation } from './lockConversation.ts';

/** [CO3] The browser of whoever holds it is lost and the caller chose somebody else: who is in it too, else the head of the line. */
export function chooseNextPeer(
  deps: Deps,
  actor: CallerActor,
  input: { commandId: string; conversationId: string },
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'conversation.nextPeer', actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    allow(can(actor, 'conversation.nextPeer', { callerId: talk.caller_id }), 'conversation.gone');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    if (!talk.peer_lost_at) throw new Refused('access.denied');
    await passOn(tx, deps, talk, 'lost');
    return { done: true as const };
  });
}

/** [CO4][CT3] No choice made and whoever holds it not back in time: the same, by the due row (F25). */
export function returnCaller(deps: Deps, conversationId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'conversation.return', actor: system }, async (tx) => {
    const talk = await lockConversation(tx, conversationId).catch(absent);
    if (!talk || talk.state !== 'live' || !talk.peer_lost_at) return { done: false };
    if (tx.now.getTime() - talk.peer_lost_at.getTime() < deps.config.peerBackMs) return { done: false };
    await passOn(tx, deps, talk, 'lost');
    return { done: true };
  });
}
