import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import { endRooms } from '../commands/media/endRooms.ts';
import { putOutRemoved } from '../commands/media/putOutRemoved.ts';
import { reconcileRooms } from '../commands/media/reconcileRooms.ts';
import type { Deps } from '../deps.ts';
import { every } from './loop.ts';

/** With the second look 2 s later a stranger is out within 15 s. */
const roomsMs = 12_000;
/** Whoever is suspended is out of a call within 5 s, and no event tells of it (S3). */
const seatsMs = 2000;

/** After these a room is over, or somebody in it has no session any more. */
const ends = new Set<DomainEvent['type']>([
  'conversation.channel',
  'conversation.ended',
  'conversation.parties',
  'conversation.returned',
  'session.ended',
  'staff.suspended',
]);

/**
 * Rooms are compared every 12 s; whoever may not be in one and what is over are looked for every 2 s, and at once when something
 * ends. Each in turns of its own: a media server that hangs in one of them keeps nobody in a call.
 */
export function reconcileCalls(deps: Deps): { stop(): Promise<void> } {
  const rooms = every(roomsMs, 'reconcile calls', deps.log, () => reconcileRooms(deps));
  const seats = every(seatsMs, 'look after seats', deps.log, () => putOutRemoved(deps));
  const over = every(seatsMs, 'end rooms', deps.log, () => endRooms(deps));
  const off = deps.hub.on(({ type }) => {
    if (!ends.has(type)) return;
    seats.now();
    over.now();
  });
  return {
    async stop() {
      off();
      await Promise.all([rooms.stop(), seats.stop(), over.stop()]);
    },
  };
}
