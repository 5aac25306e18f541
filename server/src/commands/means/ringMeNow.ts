import { randomUUID } from 'node:crypto';
import type { OfMeans } from '@hearthline/shared/contracts/onCall';
import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { allMeans } from '../../means/allMeans.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { act, Refused } from '../command.ts';
import { lineOf, lockMeans } from './ownMeans.ts';

const betweenMs = 20_000;
const keptMs = 86_400_000;

/** [PG7] "Ring me now": a page like any other, for nobody's need. At most one in 20 s a means. */
export function ringMeNow(deps: Deps, actor: StaffActor, input: OfMeans): Promise<Result<{ done: true }>> {
  const { commandId, meansId } = input;
  return act(deps, { name: 'means.test', actor, commandId, input: meansId }, async (tx) => {
    const { id, kind } = await lockMeans(tx, actor, meansId);
    if (!allMeans[kind].offered(deps.config)) throw new Refused('means.notOffered');
    const ago = (ms: number) => new Date(tx.now.getTime() - ms);
    const last = await tx.query('select 1 from page where means_id = $1 and escalation_id is null and made_at > $2', [
      id,
      ago(betweenMs),
    ]);
    if (last.rowCount > 0) throw new Refused('rate.slowDown');
    await tx.query('delete from page where means_id = $1 and escalation_id is null and made_at < $2', [
      id,
      ago(keptMs),
    ]);
    await tx.query(
      `insert into page (id, staff_id, means_id, kind, state, made_at) values ($1, $2, $3, $4, 'due', $5)`,
      [randomUUID(), actor.id, id, kind, tx.now],
    );
    const lineId = lineOf(deps, actor);
    tx.audit('means.tested', lineId, id, { kind });
    tx.emit({ type: 'page.made', lineId, staffId: actor.id });
    return { done: true as const };
  });
}
