import type { Deps } from '../deps.ts';
import { openSealed, sealedJoin, type SealedColumns } from '../keys/recordKeys.ts';
import type { StaffActor } from '../policies/actor.ts';

const knownFor = 600_000;
const most = 5000;
const read = new Map<string, { at: number; name: string | null }>();

const field = (callerId: string) => ({ ownerKind: 'caller', ownerId: callerId, field: 'name' });
/** For a statement whose row has the caller's id. */
export const nameJoin = (callerId: string): string => sealedJoin('caller', 'name', callerId);

/** The name that this caller gave, or null. For their own eyes. */
export const callerName = (deps: Deps, callerId: string, row: SealedColumns): string | null =>
  openSealed(deps.ring, field(callerId), row);

/**
 * The name a caller gave, for a peer who is offered or talks with them. Each peer's first reading in ten minutes is
 * audited; a desk that redraws itself is not a new reading.
 */
export async function nameOf(
  deps: Deps,
  actor: StaffActor,
  row: SealedColumns & { caller_id: string },
): Promise<string | null> {
  const key = `${actor.id}/${row.caller_id}`;
  const at = deps.clock.now().getTime();
  const known = read.get(key);
  if (known && at - known.at < knownFor) return known.name;
  const name = callerName(deps, row.caller_id, row);
  if (name !== null) {
    await deps.sql.query(
      `insert into audit (at, actor_kind, actor_id, action, record_id) values ($1, 'staff', $2, 'name.read', $3)`,
      [new Date(at), actor.id, row.caller_id],
    );
  }
  forgetBefore(at - knownFor);
  if (read.size >= most) read.clear();
  read.delete(key); // in the order they were read
  read.set(key, { at, name });
  return name;
}

function forgetBefore(time: number): void {
  for (const [key, { at }] of read) {
    if (at > time) return;
    read.delete(key);
  }
}
