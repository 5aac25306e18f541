import { onNoHope } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';
import { absent } from '../conversations/lockConversation.ts';
import { machineOf } from './escalationRow.ts';
import { groundFor, lockEscalation, move, tell } from './ladder.ts';

type Page = { escalation_id: string | null; staff_id: string; step: number; attempt: number };

/**
 * [ES5] A page has failed. When nothing of its rung can reach anybody, it climbs now instead of at its time. Whoever has said that
 * they come was reached, whatever their provider says.
 */
export async function pageSettled(deps: Deps, pageId: string): Promise<void> {
  await act(deps, { name: 'escalation.pageSettled', actor: system }, async (tx) => {
    const { rows } = await tx.query<Page>(
      'select escalation_id, staff_id, step, attempt from page where id = $1 and step > 0',
      [pageId],
    );
    const page = rows[0];
    const found = page?.escalation_id ? await lockEscalation(tx, page.escalation_id).catch(absent) : null;
    if (!page || !found) return;
    const { row } = found;
    await tell(tx, found);
    const hope = await tx.query(
      `select 1 from page where escalation_id = $1 and step = $2 and attempt = $3 and made_at >= $4 and state <> 'failed' limit 1`,
      [row.id, page.step, page.attempt, row.called_at ?? tx.now],
    );
    if (hope.rows.length > 0 || row.state !== 'paging') return;
    const ground = await groundFor(deps, tx, found);
    const next = onNoHope(machineOf(row), page.staff_id, page, ground);
    if (next) await move(deps, tx, found, next, ground);
  });
}
