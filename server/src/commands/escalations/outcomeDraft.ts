import { OutcomeDraft, type KeepOutcome } from '@hearthline/shared/contracts/escalation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { readSealed, writeSealed } from '../../keys/recordKeys.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused, type Tx } from '../command.ts';

/** With the notes, under their key: no peer is ever handed it. */
const draftOf = (escalationId: string) => ({ ownerKind: 'clinicalNote', ownerId: escalationId, field: 'draft' });

/** [ES17] What a clinician has filled in so far, sealed, until the outcome is sent: a page that locks or dies loses nothing. */
export function keepOutcome(
  deps: Deps,
  actor: StaffActor,
  { escalationId, ...draft }: KeepOutcome,
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'escalation.keep', actor }, async (tx) => {
    const { lineId, kept } = await toClose(tx, actor, escalationId);
    if (!kept) throw new Refused('escalation.over');
    await writeSealed(tx, deps.ring, { ...draftOf(escalationId), lineId, text: JSON.stringify(draft), now: tx.now });
    return { done: true as const };
  });
}

export function readOutcome(
  deps: Deps,
  actor: StaffActor,
  escalationId: string,
): Promise<Result<{ draft: OutcomeDraft | null }>> {
  return act(deps, { name: 'escalation.draft', actor }, async (tx) => {
    await toClose(tx, actor, escalationId);
    const text = await readSealed(tx, deps.ring, draftOf(escalationId));
    return { draft: text === null ? null : OutcomeDraft.parse(JSON.parse(text)) };
  });
}

/** Once the outcome is sent there is nothing to go back to. */
export async function dropOutcome(tx: Tx, escalationId: string): Promise<void> {
  const { ownerKind, ownerId, field } = draftOf(escalationId);
  await tx.query('delete from sealed_field where owner_kind = $1 and owner_id = $2 and field = $3', [
    ownerKind,
    ownerId,
    field,
  ]);
}

/** Theirs, and not closed yet. `kept`: its texts are not purged, so that nothing is written into what was. @throws Refused escalation.gone */
async function toClose(tx: Tx, actor: StaffActor, escalationId: string): Promise<{ lineId: string; kept: boolean }> {
  const { rows } = await tx.query<{ lineId: string; ownerId: string; kept: boolean }>(
    `select e.line_id as "lineId", e.owner_id as "ownerId", c.state = 'live' or c.purge_due_at > $2 as kept
     from escalation e join conversation c on c.id = e.conversation_id
     where e.id = $1 and e.state in ('joined', 'left') for update of e`,
    [escalationId, tx.now],
  );
  const row = rows[0];
  allow(row !== undefined && can(actor, 'escalation.have', { ownerId: row.ownerId }), 'escalation.gone');
  return row;
}
