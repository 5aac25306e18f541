import { costOf } from '../peer.machine.ts';
import type { Channel, TalkChannel } from '../../contracts/ids.ts';

export type WaitingRequest = {
  id: string;
  /** 0 = returned to the head of the line, 1 = everybody else. */
  class: number;
  /** Kept for life by a request that comes back from an offer. Milliseconds. */
  joinedAt: number;
  channel: Channel;
  /** Peers this request must not be put to. */
  excluded: readonly string[];
};

export type FreePeer = {
  id: string;
  /** Hundredths in use, 0 to 100. */
  load: number;
  chatLimit: number;
  channels: readonly TalkChannel[];
  /** End of the last live conversation, milliseconds; 0 = none yet. */
  lastLiveAt: number;
};

export type Match = { requestId: string; peerId: string };

/** Somebody on the phone is heard and not seen. */
export const takenAs = (channel: Channel): TalkChannel => (channel === 'phone' ? 'voice' : channel);

const byPlace = (a: WaitingRequest, b: WaitingRequest) =>
  a.class - b.class || a.joinedAt - b.joinedAt || (a.id < b.id ? -1 : 1);
const byRest = (a: FreePeer, b: FreePeer) => a.load - b.load || a.lastLiveAt - b.lastLiveAt || (a.id < b.id ? -1 : 1);

const mayTake = (peer: FreePeer, { channel, excluded }: WaitingRequest): boolean =>
  peer.channels.includes(takenAs(channel)) &&
  peer.load + costOf(channel, peer.chatLimit) <= 100 &&
  !excluded.includes(peer.id);

/**
 * [MA1] Requests in order of class, then of first joining; [MA2] each to the eligible peer with the least load, then the
 * longest since the last live conversation, then the lowest id; [MA3] one offer a peer at a time; [MA4] never above a
 * peer's limit, never to an excluded peer; [MA5] never a channel that the peer does not take, and a call to nobody who has
 * anything else. Deterministic: the same snapshot has the same answer.
 */
export function pickMatches(requests: readonly WaitingRequest[], peers: readonly FreePeer[]): Match[] {
  const free = [...peers].sort(byRest);
  const matches: Match[] = [];
  for (const request of [...requests].sort(byPlace)) {
    if (free.length === 0) break;
    const at = free.findIndex((p) => mayTake(p, request));
    const [peer] = at < 0 ? [] : free.splice(at, 1);
    if (peer) matches.push({ requestId: request.id, peerId: peer.id });
  }
  return matches;
}
