import type { OfEscalation } from '@hearthline/shared/contracts/escalation';
import type { Channel } from '@hearthline/shared/contracts/ids';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { join } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse, Refused, type Tx } from '../command.ts';
import { lockConversation } from '../conversations/lockConversation.ts';
import { openTalk } from '../conversations/openTalk.ts';
import { rescindOffer } from '../offers/rescindOffer.ts';
import { addParty } from '../parties/addParty.ts';
import { openSide } from '../parties/openSide.ts';
import { sharedFor } from './consent.ts';
import { disclose } from './disclose.ts';
import { machineOf } from './escalationRow.ts';
import { lockEscalation, move, type Locked } from './ladder.ts';

/** A clinician has no load; a conversation has a cost. */
const leastCost = 1;

/**
 * [ES7] Whoever has it comes in: into the same talk, seen by everybody in it, with what the caller has agreed to; for advice
 * into a talk with the peer alone.
 */
export function joinEscalation(
  deps: Deps,
  actor: StaffActor,
  input: OfEscalation,
): Promise<Result<{ conversationId: string }>> {
  return act(deps, { name: 'escalation.join', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockEscalation(tx, input.escalationId);
    const { row, talk } = found;
    allow(can(actor, 'escalation.have', { ownerId: row.owner_id }), 'escalation.gone');
    const e = machineOf(row);
    const next = orRefuse(join(e, actor.id));
    if (await anotherIsOpen(tx, found)) throw new Refused('escalation.open');
    const to = { staffId: actor.id, lineId: row.line_id, emergency: row.kind === 'safety' };
    await disclose(deps, tx, talk, { escalationId: row.id }, to);
    const conversationId =
      talk.state === 'live' ? await comeIn(deps, tx, found, actor) : await takeFromLine(deps, tx, found, actor);
    if (next !== e) await move(deps, tx, await inTalk(tx, found, conversationId), next, null);
    return { conversationId };
  });
}

/** [ES15] Somebody else was called for this caller meanwhile. */
async function anotherIsOpen(tx: Tx, { row, talk }: Locked): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from conversation c join escalation e on e.conversation_id = c.id
     where c.caller_id = $1 and e.id <> $2 and e.state in ('asking', 'paging', 'acknowledged', 'joined', 'exhausted') limit 1`,
    [talk.caller_id, row.id],
  );
  return rows.length > 0;
}

async function comeIn(deps: Deps, tx: Tx, { row, talk }: Locked, actor: StaffActor): Promise<string> {
  if (row.kind === 'consult') return openSide(tx, deps, talk, actor.id);
  const reads = (await sharedFor(tx, { escalationId: row.id })) === 'conversation' ? 'all' : 'fromNow';
  await addParty(tx, deps, talk, { partyId: actor.id, role: 'clinician', reads });
  return talk.id;
}

/** [ES16] The peer is gone and the caller is back in the line: whoever was called for them takes the talk themselves. */
async function takeFromLine(deps: Deps, tx: Tx, { row, talk }: Locked, actor: StaffActor): Promise<string> {
  if (row.kind === 'consult') throw new Refused('conversation.ended'); // the caller has agreed to nothing
  const { rows } = await tx.query<{ channel: Channel; absent_since: Date | null }>(
    `update request set state = 'matched', answered_at = coalesce(answered_at, $2), rev = rev + 1
     where id = $1 and state in ('waiting', 'offered') returning channel, absent_since`,
    [talk.request_id, tx.now],
  );
  const [request] = rows;
  if (!request) throw new Refused('conversation.ended');
  await rescindOffer(tx, { requestId: talk.request_id });
  const conversationId = await openTalk(tx, deps, {
    lineId: talk.line_id,
    requestId: talk.request_id,
    callerId: talk.caller_id,
    holder: { id: actor.id, role: 'clinician', cost: leastCost },
    channel: request.channel,
    absentSince: request.absent_since,
    returned: true,
  });
  await tx.query('update escalation set conversation_id = $2 where id = $1', [row.id, conversationId]);
  tx.audit('escalation.tookFromLine', row.line_id, row.id, { conversationId });
  return conversationId;
}

/** For advice the talk with the caller is told of it too, not only the one beside it. */
const inTalk = async (tx: Tx, { row, talk }: Locked, conversationId: string): Promise<Locked> => ({
  row,
  talk: row.kind === 'consult' || conversationId === talk.id ? talk : await lockConversation(tx, conversationId),
});
