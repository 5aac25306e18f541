import { ok, refuse, type Result } from '../contracts/refusals.ts';
import type { PeerState } from '../contracts/views.contract.ts';

export type Peer = { state: PeerState; live: number; wrapUpsDue: number };

/** [PE1] On shift first; a pause after a missed offer ends only by the peer's own word. */
export function setState(peer: Peer, to: 'available' | 'break' | 'minute' | 'finishing'): Result<PeerState> {
  return peer.state === 'off' ? refuse('peer.noShift') : ok(to);
}

/** [PE2] A shift ends with nothing open: live conversations and wrap-ups come first. */
export function endShift(peer: Peer): Result<'off'> {
  if (peer.state === 'off') return refuse('peer.noShift');
  if (peer.live > 0) return refuse('peer.talking');
  if (peer.wrapUpsDue > 0) return refuse('peer.wrapUpDue');
  return ok('off');
}

/** [PE3] What a talk costs a peer who takes `chatLimit` chats at once, in hundredths: a call takes all of them. */
export const costOf = (channel: string, chatLimit: number): number => (channel === 'chat' ? chatCost(chatLimit) : 100);
export const chatCost = (chatLimit: number): number => Math.floor(100 / chatLimit);

/** [PE4] Rest grows with strain. @param strain 1 to 5. @returns when offers may come again, or null for at once. */
export function restAfter(strain: number, restMinutes: readonly number[], now: Date): Date | null {
  const minutes = restMinutes[strain - 1] ?? 0;
  return minutes > 0 ? new Date(now.getTime() + minutes * 60_000) : null;
}
