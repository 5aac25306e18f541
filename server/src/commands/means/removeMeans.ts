import type { OfMeans } from '@hearthline/shared/contracts/onCall';
import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { act } from '../command.ts';
import { lineOf, lockMeans, tellRosters } from './ownMeans.ts';

export function removeMeans(deps: Deps, actor: StaffActor, input: OfMeans): Promise<Result<{ done: true }>> {
  const { commandId, meansId } = input;
  return act(deps, { name: 'means.remove', actor, commandId, input: meansId }, async (tx) => {
    const { id, kind } = await lockMeans(tx, actor, meansId);
    await tx.query('update means set removed_at = $2 where id = $1', [id, tx.now]);
    tx.audit('means.removed', lineOf(deps, actor), id, { kind });
    tellRosters(tx, actor);
    return { done: true as const };
  });
}
