import type { Deps } from '../deps.ts';
import { openSealed, sealedOf, type SealedRow } from '../keys/recordKeys.ts';
import type { StaffActor } from '../policies/actor.ts';

const knownFor = 3_600_000;
const most = 5000;
const read = new Map<string, { at: number; name: string | null }>();

const sealedNames = sealedOf('caller', 'name');

/** The name that this caller gave, or null. For their own eyes. */
export async function callerName(deps: Deps, callerId: string): Promise<string | null> {
  const [row] = await deps.reads.rows<SealedRow>(sealedNames, callerId);
  return row ? openSealed(deps.ring, { ownerKind: 'caller', ownerId: callerId, field: 'name' }, row) : null;
}

/**
 * The name a caller gave, for a peer who is offered or talks with them. Each peer's first reading in an hour is
 * audited; a desk that redraws itself is not a new reading.
 */
export async function nameOf(deps: Deps, actor: StaffActor, callerId: string): Promise<string | null> {
  const key = `${actor.id}/${callerId}`;
  const at = deps.clock.now().getTime();
  const known = read.get(key);
  if (known && at - known.at < knownFor) return known.name;
  const name = await callerName(deps, callerId);
  if (name !== null) {
    await deps.sql.query(
      `insert into audit (at, actor_kind, actor_id, action, record_id) values ($1, 'staff', $2, 'name.read', $3)`,
      [new Date(at), actor.id, callerId],
    );
  }
  if (read.size >= most) read.clear();
  read.set(key, { at, name });
  return name;
}
