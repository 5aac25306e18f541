import type { Channel } from '@hearthline/shared/contracts/ids';
import type { OfInvitation } from '@hearthline/shared/contracts/invitation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { accept, decline } from '@hearthline/shared/domain/invitation.machine';
import { costOf } from '@hearthline/shared/domain/peer.machine';
import type { Deps } from '../../deps.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse, Refused, type Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';
import { sharedFor } from '../escalations/consent.ts';
import { disclose } from '../escalations/disclose.ts';
import { openEscalation } from '../escalations/ladder.ts';
import { addParty } from '../parties/addParty.ts';
import { passTo } from '../parties/passOn.ts';
import { toldOf } from '../parties/staffIn.ts';
import { groundOf, lockInvitation, machineOf, move, type InvitationRow } from './invitationRow.ts';

/**
 * [IN3] A colleague comes in, seen by everybody in it, with what the caller has agreed to. To take it over they hold it from now on;
 * whoever asked them stays until they leave.
 */
export function acceptInvitation(
  deps: Deps,
  actor: StaffActor,
  input: OfInvitation,
): Promise<Result<{ conversationId: string }>> {
  return act(deps, { name: 'invitation.accept', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockInvitation(tx, input.invitationId);
    const { row, talk } = found;
    allow(can(actor, 'invitation.take', takenBy(row)), 'invitation.gone');
    const next = orRefuse(accept(machineOf(row), actor.id));
    const to = { staffId: actor.id, lineId: row.line_id, emergency: false };
    await disclose(deps, tx, talk, { invitationId: row.id }, to);
    const reads = (await sharedFor(tx, { invitationId: row.id })) === 'conversation' ? 'all' : 'fromNow';
    await move(tx, found, next, null);
    const { as: role } = takenBy(row);
    const seat = role === 'peer' ? { role, cost: await roomFor(tx, talk.channel, row) } : { role };
    await addParty(tx, deps, talk, { partyId: actor.id, reads, ...seat });
    if (row.purpose === 'takeOver') await takeOver(deps, tx, talk, actor.id, row.line_id);
    return { conversationId: talk.id };
  });
}

/** What was held was for the channel of then: a call takes all of them (CH7). @throws Refused channel.noRoom */
async function roomFor(tx: Tx, channel: Channel, { rings_id: id, cost: held }: InvitationRow): Promise<number> {
  const { rows } = await tx.query<{ chat_limit: number }>(
    'select chat_limit from peer_state where staff_id = $1 for update',
    [id],
  );
  const cost = costOf(channel, rows[0]?.chat_limit ?? 1);
  const fits = await tx.query(
    'update peer_state set load = load + $2, rev = rev + 1 where staff_id = $1 and load + $2 between 0 and 100',
    [id, cost - held],
  );
  if (fits.rowCount === 0) throw new Refused('channel.noRoom');
  return cost;
}

const takenBy = ({ rings_id: staffId, purpose }: InvitationRow) => ({
  staffId,
  as: purpose === 'help' ? ('coordinator' as const) : ('peer' as const),
});

async function takeOver(deps: Deps, tx: Tx, talk: LiveConversation, to: string, lineId: string): Promise<void> {
  const passed = await passTo(tx, talk, to);
  const told = await toldOf(tx, passed);
  tx.emit({ type: 'conversation.parties', ...told });
  if (lineId === talk.line_id) return;
  // [IN6] it is the other line's from now on: its caller goes to the head of that one, should it come to that
  if (await openEscalation(tx, talk.id)) throw new Refused('escalation.open');
  await tx.query('update conversation set line_id = $2 where id = $1', [talk.id, lineId]);
  await tx.query('update request set line_id = $2, rev = rev + 1 where id = $1', [talk.request_id, lineId]);
  tx.emit({ type: 'conversation.parties', ...told, lineId });
  tx.audit('conversation.moved', talk.line_id, talk.id, { to: lineId });
}

/** [IN4] They cannot: the next one is asked, or it is back with whoever asked. */
export function declineInvitation(deps: Deps, actor: StaffActor, input: OfInvitation): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'invitation.decline', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockInvitation(tx, input.invitationId);
    allow(can(actor, 'invitation.take', takenBy(found.row)), 'invitation.gone');
    const ground = await groundOf(deps, tx, found);
    await move(tx, found, orRefuse(decline(machineOf(found.row), actor.id, ground)), ground);
    return { done: true as const };
  });
}
