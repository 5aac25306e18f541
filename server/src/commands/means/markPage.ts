import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { Deps } from '../../deps.ts';
import type { Handed } from '../../means/means.ts';
import { system } from '../../policies/actor.ts';
import { act, type Tx } from '../command.ts';
import { pageSettled } from '../escalations/pageSettled.ts';

type Marked = { escalation_id: string | null; staff_id: string };

/** [PG3] What came of handing a page over; only while it is still being sent. A page that did not go out may climb the ladder. */
export async function markDone(deps: Deps, pageId: string, handed: Handed): Promise<void> {
  const done = await act(deps, { name: 'page.mark', actor: system }, async (tx) => {
    const { rows } =
      handed.state === 'sent'
        ? await tx.query<Marked>(
            `update page set state = 'sent', sent_at = $2, provider_id = $3 where id = $1 and state = 'sending' returning escalation_id, staff_id`,
            [pageId, tx.now, handed.providerId ?? null],
          )
        : await tx.query<Marked>(
            `update page set state = 'failed', failure = $2 where id = $1 and state = 'sending' returning escalation_id, staff_id`,
            [pageId, handed.why],
          );
    return tellOf(tx, rows[0]);
  });
  if (handed.state === 'failed' && handed.why !== 'notNeeded' && done.ok && done.value) await pageSettled(deps, pageId);
}

/** [PG5] The provider says that it arrived. Told twice, or late, it is the same. @param kinds those that this provider carries */
export async function markDelivered(deps: Deps, pageId: string, kinds: readonly MeansKind[]): Promise<void> {
  await act(deps, { name: 'page.delivered', actor: system }, async (tx) => {
    const { rows } = await tx.query<Marked>(
      `update page set delivered_at = $2, state = 'sent', sent_at = coalesce(sent_at, $2), failure = null
       where id = $1 and kind = any($3) and delivered_at is null and state in ('sending', 'sent', 'failed', 'unknown') returning escalation_id, staff_id`,
      [pageId, tx.now, kinds],
    );
    await tellOf(tx, rows[0]);
  });
}

/** [PG5] The provider took it and then says that it did not arrive. Nothing that was delivered or answered is taken back. */
export async function markUndelivered(deps: Deps, pageId: string, kinds: readonly MeansKind[]): Promise<void> {
  const done = await act(deps, { name: 'page.undelivered', actor: system }, async (tx) => {
    const { rows } = await tx.query<Marked>(
      `update page set state = 'failed', failure = 'undelivered'
       where id = $1 and kind = any($2) and state in ('sending', 'sent') and delivered_at is null and answer is null returning escalation_id, staff_id`,
      [pageId, kinds],
    );
    return tellOf(tx, rows[0]);
  });
  if (done.ok && done.value) await pageSettled(deps, pageId);
}

/** [PG4] An address that its provider does not know any more is removed; whoever had nothing else is not on call. */
export async function removeGone(deps: Deps, meansId: string): Promise<void> {
  await act(deps, { name: 'means.gone', actor: system }, async (tx) => {
    const { rows } = await tx.query<{ staff_id: string; kind: string }>(
      'update means set removed_at = $2 where id = $1 and removed_at is null returning staff_id, kind',
      [meansId, tx.now],
    );
    const [removed] = rows;
    if (!removed) return;
    tx.audit('means.gone', null, meansId, { kind: removed.kind });
    const lines = await tx.query<{ line_id: string }>('select line_id from staff_line where staff_id = $1', [
      removed.staff_id,
    ]);
    for (const { line_id: lineId } of lines.rows)
      tx.emit({ type: 'roster.changed', lineId, staffIds: [removed.staff_id] });
  });
}

/** Those who watch the attempts of an escalation. @returns whether there was a change that is one of an escalation */
export async function tellOf(tx: Tx, page: Marked | undefined): Promise<boolean> {
  if (!page?.escalation_id) return false;
  const { rows } = await tx.query<{ line_id: string; conversation_id: string; peer_id: string }>(
    'select e.line_id, e.conversation_id, c.peer_id from escalation e join conversation c on c.id = e.conversation_id where e.id = $1',
    [page.escalation_id],
  );
  const [of] = rows;
  if (of)
    tx.emit({
      type: 'escalation.changed',
      lineId: of.line_id,
      conversationId: of.conversation_id,
      escalationId: page.escalation_id,
      peerId: of.peer_id,
      staffIds: [page.staff_id],
    });
  return of !== undefined;
}
