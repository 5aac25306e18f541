import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';

/** The rest after a hard contact is over: the matcher and the desk are told. */
export function restOver(deps: Deps, peerId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'rest.over', actor: system }, async (tx) => {
    const over = await tx.query<{ line_id: string }>(
      'update peer_state set rest_until = null, rev = rev + 1 where staff_id = $1 and rest_until <= $2 returning line_id',
      [peerId, tx.now],
    );
    for (const p of over.rows) tx.emit({ type: 'peer.changed', lineId: p.line_id, peerId });
    return { done: over.rowCount > 0 };
  });
}
