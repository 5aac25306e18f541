import { accept, decline, withdraw } from '@hearthline/shared/domain/invitation.machine';
import { costOf } from '@hearthline/shared/domain/peer.machine';
import { act, allow, orRefuse, Refused, type Tx } from '../act.ts';
import type { Process } from '../processes.ts';
import type { RowOf } from '../store/rows.ts';
import { sharedNow } from './escalations.ts';
import { groundOf, lockInvitation, machineOf, move, openInvitation } from './invitationRow.ts';
import type { Of } from './invitations.ts';
import { addParty, everybody, passTo, type Talk } from './parties.ts';
import { openEscalation } from './withTalk.ts';

/** [IN3] */
export const acceptInvitation = (p: Process, staffId: string, { commandId, id }: Of) =>
  act(p, { name: 'invitation.accept', actor: staffId, commandId }, (tx) => {
    const found = lockInvitation(tx, id);
    const { row, talk } = found;
    allow(row.ringsId === staffId, 'invitation.gone');
    const next = orRefuse(accept(machineOf(row), staffId));
    const reads = sharedNow(tx, id) === 'conversation' ? 'all' : 'fromNow';
    move(tx, found, next, null);
    const seat =
      row.purpose === 'help'
        ? { role: 'coordinator' as const }
        : { role: 'peer' as const, cost: roomFor(tx, talk, row) };
    addParty(tx, talk, { partyId: staffId, reads, ...seat });
    if (row.purpose === 'takeOver') takeOver(tx, talk, row, staffId);
    return { talkId: talk.id };
  });

/** What was held was for the channel of then. */
function roomFor(tx: Tx, { channel }: Talk, { ringsId, cost: held }: RowOf<'invitation'>): number {
  const peer = tx.get('peer', ringsId ?? '');
  const cost = costOf(channel, peer?.chatLimit ?? 1);
  const load = (peer?.load ?? 0) + cost - held;
  if (!peer || load > 100) throw new Refused('channel.noRoom');
  tx.put('peer', { ...peer, load });
  return cost;
}

function takeOver(tx: Tx, talk: Talk, { lineId }: RowOf<'invitation'>, to: string): void {
  const passed = passTo(tx, talk, to, 'handedOver');
  tx.emit('conversation.parties', ...everybody(tx, passed));
  if (lineId === talk.lineId) return;
  // [IN6] it is the other line's from now on, and so is the caller's place
  if (openEscalation(tx, talk.id)) throw new Refused('escalation.open');
  tx.change('talk', talk.id, () => true, { lineId });
  tx.change('request', talk.requestId, () => true, { lineId });
  tx.note(`moved ${talk.id} → ${lineId}`);
}

/** [IN4] */
export const declineInvitation = (p: Process, staffId: string, { commandId, id }: Of) =>
  act(p, { name: 'invitation.decline', actor: staffId, commandId }, (tx) => {
    const { row } = lockInvitation(tx, id);
    allow(row.ringsId === staffId, 'invitation.gone');
    cannot(tx, id, staffId);
    return { done: true as const };
  });

function cannot(tx: Tx, id: string, staffId: string): void {
  const found = lockInvitation(tx, id);
  const ground = groundOf(tx, found);
  move(tx, found, orRefuse(decline(machineOf(found.row), staffId, ground)), ground);
}

/** [PE7] Who is not available any more is not asked any more, without a mark. */
export function passOver(tx: Tx, staffId: string): void {
  for (const { id, state, ringsId } of [...tx.live('invitation').values()])
    if (state === 'ringing' && ringsId === staffId) cannot(tx, id, staffId);
}

/** [IN5] The talk is over, or somebody else holds it: inside of that transaction. */
export function endInvitation(tx: Tx, talk: Talk): void {
  const row = openInvitation(tx, talk.id);
  if (row) move(tx, { row, talk }, orRefuse(withdraw(machineOf(row))), null);
}
