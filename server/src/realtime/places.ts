import { setImmediate } from 'node:timers/promises';
import type { CallerView } from '@hearthline/shared/contracts/views';
import { toldPlace } from '@hearthline/shared/domain/routing/toldPlace';
import type { Deps } from '../deps.ts';
import { readStaffed, type Staffed } from '../presenters/staffed.ts';

type Waiter = { callerId: string; lineId: string; place: number; staffed: string };
export type PlaceTold = Staffed & { now: string; requestId: string; place: number };
/** To be compared. */
const asText = ({ peersOnShift, taken }: Staffed): string => `${peersOnShift} ${taken.join()}`;
const slice = 200;

/**
 * The places of this node's waiting callers: one look at the line for all of them, and a word only to those for whom it
 * changed. In slices, so that a long line does not hold up the messages of others.
 */
export function createPlaces(deps: Deps, tell: (callerId: string, told: PlaceTold) => void) {
  const waiters = new Map<string, Waiter>();
  const requestOf = new Map<string, string>();

  function forget(callerId: string): void {
    const requestId = requestOf.get(callerId);
    if (requestId) waiters.delete(requestId);
    requestOf.delete(callerId);
  }

  return {
    /** Remembers what a caller's page was last shown. */
    shown(callerId: string, lineId: string, view: CallerView): void {
      forget(callerId);
      if (view.stage !== 'waiting') return;
      requestOf.set(callerId, view.requestId);
      waiters.set(view.requestId, { callerId, lineId, place: view.place ?? 0, staffed: asText(view) });
    },
    forget,
    /** @returns how many wait on the line. */
    async tellLine(lineId: string): Promise<number> {
      const [order, { peersOnShift, taken }] = await Promise.all([deps.queue.order(lineId), readStaffed(deps, lineId)]);
      const staffed = asText({ peersOnShift, taken });
      const now = deps.clock.now().toISOString();
      let told = 0;
      for (const [at, requestId] of order.entries()) {
        const waiter = waiters.get(requestId);
        if (!waiter) continue;
        const place = toldPlace(at + 1);
        if (waiter.place === place && waiter.staffed === staffed) continue;
        Object.assign(waiter, { place, staffed });
        tell(waiter.callerId, { now, requestId, place, peersOnShift, taken });
        if (++told % slice === 0) await setImmediate();
      }
      return order.length;
    },
  };
}
