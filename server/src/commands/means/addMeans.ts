import { randomUUID } from 'node:crypto';
import type { AddMeans } from '@hearthline/shared/contracts/onCall';
import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { allMeans } from '../../means/allMeans.ts';
import { isPrivateHost } from '../../means/privateAddress.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused } from '../command.ts';
import { lineOf } from './ownMeans.ts';

const mostMeans = 10;

/** [PG6] A way to reach oneself. It does not count before it rang and was heard. The same one twice is one. */
export function addMeans(deps: Deps, actor: StaffActor, input: AddMeans): Promise<Result<{ done: true }>> {
  const { commandId, label, way } = input;
  return act(deps, { name: 'means.add', actor, commandId, input: { label, way } }, async (tx) => {
    const { kind, ...address } = way;
    allow(can(actor, 'means.own', { staffId: actor.id }));
    if (!allMeans[kind].offered(deps.config) || !mayBeCalled(deps, way)) throw new Refused('means.notOffered');
    const lineId = lineOf(deps, actor);
    const known = await tx.query('select 1 from staff where id = $1 for update', [actor.id]);
    allow(known.rowCount > 0);
    const { rows } = await tx.query<{ kind: string; same: boolean }>(
      `select kind, kind = $2 and (kind = 'push' and address->>'endpoint' = $3::jsonb->>'endpoint' or address = $3::jsonb) as same
       from means where staff_id = $1 and removed_at is null`,
      [actor.id, kind, JSON.stringify(address)],
    );
    if (rows.some((r) => r.same)) return { done: true as const };
    if (rows.length >= mostMeans) throw new Refused('means.tooMany');
    const id = randomUUID();
    await tx.query(
      'insert into means (id, staff_id, kind, address, label, created_at) values ($1, $2, $3, $4, $5, $6)',
      [id, actor.id, kind, JSON.stringify(address), label, tx.now],
    );
    tx.audit('means.added', lineId, id, { kind });
    return { done: true as const };
  });
}

/** A push service is named by a browser, so by anybody: it must be on the internet. Names are judged again when they are called. */
function mayBeCalled({ config }: Deps, way: AddMeans['way']): boolean {
  if (way.kind !== 'push') return true;
  const url = URL.parse(way.endpoint);
  return url !== null && url.username === '' && !isPrivateHost(url.hostname, config.means.push?.toLoopback);
}
