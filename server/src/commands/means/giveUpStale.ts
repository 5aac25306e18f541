import { randomUUID } from 'node:crypto';
import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';
import { pageSettled } from '../escalations/pageSettled.ts';
import { tellOf } from './markPage.ts';

/** After the deadline nobody sends it any more: its process is gone. */
const goneAfterMs = 10_000;
/** Should a page end the process that sends it each time, that ends here, and the ladder climbs. */
const mostUnknown = 3;

const again = `
  insert into page (id, escalation_id, staff_id, means_id, kind, step, attempt, state, made_at)
  select $2, p.escalation_id, p.staff_id, p.means_id, p.kind, p.step, p.attempt, 'due', $3
  from page p join escalation e on e.id = p.escalation_id join means m on m.id = p.means_id
  where p.id = $1 and m.removed_at is null
    and (e.state = 'paging' and e.step = p.step and e.attempt = p.attempt or e.state = 'exhausted' and p.step = 0)
    and not exists (select 1 from page a where a.escalation_id = p.escalation_id and a.staff_id = p.staff_id and a.answer is not null)
    and (select count(*) from page u where u.escalation_id = p.escalation_id and u.means_id = p.means_id
           and u.step = p.step and u.attempt = p.attempt and u.state = 'unknown') < $4`;

/** [PG2] A page whose process died between claim and mark: nobody knows whether it went out. Where it is still needed another
 * attempt with another key follows (I16). */
export async function giveUpStale(deps: Deps, deadlineMs: number): Promise<void> {
  const before = new Date(deps.clock.now().getTime() - deadlineMs - goneAfterMs);
  const { rows } = await deps.sql.query<{ id: string }>(
    `select id from page where state = 'sending' and claimed_at < $1 order by made_at limit 100`,
    [before],
  );
  for (const { id } of rows) {
    const done = await act(deps, { name: 'page.giveUp', actor: system }, async (tx) => {
      const given = await tx.query<{ escalation_id: string | null; staff_id: string }>(
        `update page set state = 'unknown' where id = $1 and state = 'sending' and claimed_at < $2 returning escalation_id, staff_id`,
        [id, before],
      );
      const [page] = given.rows;
      if (!page || !(await tellOf(tx, page)) || !page.escalation_id) return false;
      const made = await tx.query(again, [id, randomUUID(), tx.now, mostUnknown]);
      if (made.rowCount === 0) return true;
      const { rows: of } = await tx.query<{ line_id: string }>('select line_id from escalation where id = $1', [
        page.escalation_id,
      ]);
      if (of[0])
        tx.emit({
          type: 'page.made',
          lineId: of[0].line_id,
          escalationId: page.escalation_id,
          staffIds: [page.staff_id],
        });
      return false;
    });
    if (done.ok && done.value) await pageSettled(deps, id);
  }
}
