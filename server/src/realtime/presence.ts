import { callerAway, callerBack } from '../commands/callers/callerPresence.ts';
import { staffAway, staffBack } from '../commands/parties/staffPresence.ts';
import { staffRoles } from '@hearthline/shared/domain/control.machine';
import type { Deps } from '../deps.ts';
import { every } from '../due/loop.ts';
import { leaseMs } from '../due/presenceSweep.ts';
import type { CallerActor, StaffActor } from '../policies/actor.ts';
import { presenceEpochKey, presenceKey } from '../storage/redis/keys.ts';
import { inTurns } from './inTurns.ts';

/** A reload or a short cut is no departure. */
const graceMs = 3000;
const renewMs = 4000;
const renewTurns = 8;

/** Whoever may be in a conversation; others are missed by nobody. */
const talks = ({ roles }: StaffActor): boolean => staffRoles.some((role) => roles.includes(role));

/** Who has a live page on this node: told to Redis as leases, and to the record when it changes. */
export function createPresence(deps: Deps) {
  const here = new Map<string, CallerActor | StaffActor>();
  const leaving = new Map<string, NodeJS.Timeout>();

  async function renew(ids: string[]): Promise<void> {
    if (ids.length === 0 || deps.redis.status !== 'ready') return;
    const now = deps.clock.now().getTime();
    await deps.redis.zadd(presenceKey, ...ids.flatMap((id) => [now + leaseMs, id]));
    await deps.redis.set(presenceEpochKey, String(now), 'NX');
  }
  const someInTurn = inTurns(renewTurns);
  const renewing = every(renewMs / renewTurns, 'renew presence', deps.log, () =>
    renew(someInTurn(here.keys(), (id) => id)),
  );
  const failed = (e: Error) => deps.log.warn({ err: e.message }, 'presence not written; the sweep makes up for it');

  function came(actor: CallerActor | StaffActor): void {
    clearTimeout(leaving.get(actor.id));
    leaving.delete(actor.id);
    here.set(actor.id, actor);
    renew([actor.id]).catch(failed);
    if (actor.kind === 'caller') callerBack(deps, actor.id).catch(failed);
    else if (talks(actor)) staffBack(deps, actor.id).catch(failed);
  }

  function left(actor: CallerActor | StaffActor, closedTab = false, grace = graceMs): void {
    here.delete(actor.id);
    clearTimeout(leaving.get(actor.id));
    leaving.set(
      actor.id,
      setTimeout(() => void gone(actor, closedTab).catch(failed), grace),
    );
  }

  async function gone(actor: CallerActor | StaffActor, closedTab: boolean): Promise<void> {
    leaving.delete(actor.id);
    if (await elsewhere(actor.id)) return;
    if (actor.kind === 'caller') await callerAway(deps, actor.id, closedTab);
    else if (talks(actor)) await staffAway(deps, actor.id);
  }

  /** Another node may hold them by now: its lease is younger than our last one can be. */
  async function elsewhere(id: string): Promise<boolean> {
    if (deps.redis.status !== 'ready') return false;
    const score = await deps.redis.zscore(presenceKey, id).catch(() => null);
    return score !== null && Number(score) > deps.clock.now().getTime() + leaseMs - graceMs + 200;
  }

  return {
    came,
    left,
    /** A call over HTTP by somebody without a socket counts as being here for one lease. */
    seen(actor: CallerActor | StaffActor): void {
      if (here.has(actor.id)) return;
      came(actor);
      left(actor, false, leaseMs);
    },
    stop() {
      for (const timer of leaving.values()) clearTimeout(timer);
      void renewing.stop();
    },
  };
}
