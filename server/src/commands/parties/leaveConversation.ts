import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import type { CallerActor, StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { heirOf } from '@hearthline/shared/domain/control.machine';
import { act, allow, Refused } from '../command.ts';
import { lockConversation } from '../conversations/lockConversation.ts';
import { endSideOf } from './openSide.ts';
import { passOn, passTo } from './passOn.ts';
import { putOut } from './putOut.ts';
import { membership, staffIn, toldOf } from './staffIn.ts';

type Done = Promise<Result<{ done: true }>>;
type Of = { commandId: string; conversationId: string };
const done = { done: true as const };

/** [CT2] Somebody on staff leaves; whoever held it passes it on. A talk of peer and clinician alone is over with either. */
export function leaveConversation(deps: Deps, actor: StaffActor, input: Of): Done {
  return act(deps, { name: 'conversation.leave', actor, commandId: input.commandId, input }, async (tx) => {
    if (await endSideOf(tx, deps, actor, input.conversationId)) return done;
    const talk = await lockConversation(tx, input.conversationId);
    allow(can(actor, 'conversation.leave', membership(talk, await staffIn(tx, talk.id))), 'conversation.gone');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    if (talk.peer_id === actor.id) await passOn(tx, deps, talk, 'left');
    else await putOut(tx, deps, talk, actor.id, 'left');
    return done;
  });
}

/** [CT4] Only whoever holds it gives it away, to somebody on staff who is in it and whose browser is not lost. */
export function handOver(deps: Deps, actor: StaffActor, input: Of & { to: string }): Done {
  return act(deps, { name: 'conversation.handOver', actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    const staff = await staffIn(tx, talk.id);
    allow(can(actor, 'conversation.read', membership(talk, staff)), 'conversation.gone');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    allow(can(actor, 'conversation.hold', membership(talk, staff)), 'control.notYours');
    const to = staff.find(({ id }) => id === input.to && id !== actor.id);
    if (!to) throw new Refused('party.gone');
    if (to.lostAt) throw new Refused('party.away');
    const passed = await passTo(tx, talk, to.id);
    tx.emit({ type: 'conversation.parties', ...(await toldOf(tx, passed)) });
    return done;
  });
}

/** [CT5] The caller asks somebody to leave. Whoever is the only one who could hold it is not sent away, but ended with. */
export function removeParty(deps: Deps, actor: CallerActor, input: Of & { partyId: string }): Done {
  return act(deps, { name: 'party.remove', actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    allow(can(actor, 'party.remove', { callerId: talk.caller_id }), 'conversation.gone');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    const staff = await staffIn(tx, talk.id);
    if (!staff.some(({ id }) => id === input.partyId)) throw new Refused('party.gone');
    const heir = talk.peer_id === input.partyId ? heirOf(staff, input.partyId) : talk.peer_id;
    if (!heir) throw new Refused('party.last');
    const now = heir === talk.peer_id ? talk : await passTo(tx, talk, heir);
    await putOut(tx, deps, now, input.partyId, 'removed');
    return done;
  });
}
