import { decline, withdraw } from '@hearthline/shared/domain/invitation.machine';
import type { Deps } from '../../deps.ts';
import { orRefuse, type Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';
import { groundOf, lockInvitation, machineOf, move, openInvitation } from './invitationRow.ts';

/** [PE7] Who is not available any more is not asked any more, without a mark. */
export async function passOver(deps: Deps, tx: Tx, staffId: string): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from invitation where rings_id = $1 and state = 'ringing'`,
    [staffId],
  );
  for (const { id } of rows) {
    const found = await lockInvitation(tx, id);
    if (found.row.state !== 'ringing' || found.row.rings_id !== staffId) continue;
    const ground = await groundOf(deps, tx, found);
    await move(tx, found, orRefuse(decline(machineOf(found.row), staffId, ground)), ground);
  }
}

/** [IN5] The talk is over, or somebody else holds it: inside that transaction. */
export async function endInvitation(tx: Tx, talk: LiveConversation): Promise<void> {
  const row = await openInvitation(tx, talk.id);
  if (row) await move(tx, { row, talk }, orRefuse(withdraw(machineOf(row))), null);
}
