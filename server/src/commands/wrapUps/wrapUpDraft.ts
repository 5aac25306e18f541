import { WrapUpDraft, type DoorInput } from '@hearthline/shared/contracts/doors';
import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { readSealed, writeSealed } from '../../keys/recordKeys.ts';
import type { StaffActor } from '../../policies/actor.ts';
import type { Sql } from '../../storage/postgres/pool.ts';
import { act, Refused } from '../command.ts';
import { ownWrapUp } from './ownWrapUp.ts';

const draftOf = (wrapUpId: string) => ({ ownerKind: 'wrapUp', ownerId: wrapUpId, field: 'draft' });

/** [WU2] What a peer has filled in so far, sealed, until the wrap-up is sent: a desk that crashes loses nothing (F35). */
export function keepDraft(
  deps: Deps,
  actor: StaffActor,
  { conversationId, ...draft }: DoorInput<'wrapUp.keep'>,
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'wrapUp.keep', actor }, async (tx) => {
    const { id, due, kept, lineId } = await ownWrapUp(tx, actor, conversationId);
    if (!due || !kept) throw new Refused('wrapUp.gone');
    await writeSealed(tx, deps.ring, { ...draftOf(id), lineId, text: JSON.stringify(draft), now: tx.now });
    return { done: true as const };
  });
}

export function readDraft(
  deps: Deps,
  actor: StaffActor,
  conversationId: string,
): Promise<Result<{ draft: WrapUpDraft | null }>> {
  return act(deps, { name: 'wrapUp.draft', actor }, async (tx) => {
    const { id, due } = await ownWrapUp(tx, actor, conversationId);
    if (!due) throw new Refused('wrapUp.gone');
    const text = await readSealed(tx, deps.ring, draftOf(id));
    return { draft: text === null ? null : WrapUpDraft.parse(JSON.parse(text)) };
  });
}

/** Once the wrap-up is sent there is nothing to go back to. */
export async function dropDraft(sql: Sql, wrapUpId: string): Promise<void> {
  const { ownerKind, ownerId, field } = draftOf(wrapUpId);
  await sql.query('delete from sealed_field where owner_kind = $1 and owner_id = $2 and field = $3', [
    ownerKind,
    ownerId,
    field,
  ]);
}
