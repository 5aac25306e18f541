export type WaitingRequest = {
  id: string;
  /** 0 = returned to the head of the line, 1 = everybody else. */
  class: number;
  /** Kept for life by a request that comes back from an offer. Milliseconds. */
  joinedAt: number;
  /** Peers this request must not be put to. */
  excluded: readonly string[];
};

export type FreePeer = {
  id: string;
  /** Hundredths in use, 0 to 100. */
  load: number;
  /** What one more costs this peer, in hundredths. */
  cost: number;
  /** End of the last live conversation, milliseconds; 0 = none yet. */
  lastLiveAt: number;
};

export type Match = { requestId: string; peerId: string; cost: number };

const byPlace = (a: WaitingRequest, b: WaitingRequest) =>
  a.class - b.class || a.joinedAt - b.joinedAt || (a.id < b.id ? -1 : 1);
const byRest = (a: FreePeer, b: FreePeer) => a.load - b.load || a.lastLiveAt - b.lastLiveAt || (a.id < b.id ? -1 : 1);

/**
 * [MA1] Requests in order of class, then of first joining; [MA2] each to the eligible peer with the least load, then the
 * longest since the last live conversation, then the lowest id; [MA3] one offer a peer at a time; [MA4] never above a
 * peer's limit, never to an excluded peer. Deterministic: the same snapshot has the same answer.
 */
export function pickMatches(requests: readonly WaitingRequest[], peers: readonly FreePeer[]): Match[] {
  const free = peers.filter((p) => p.load + p.cost <= 100).sort(byRest);
  const matches: Match[] = [];
  for (const request of [...requests].sort(byPlace)) {
    if (free.length === 0) break;
    const at = free.findIndex((p) => !request.excluded.includes(p.id));
    const [peer] = at < 0 ? [] : free.splice(at, 1);
    if (peer) matches.push({ requestId: request.id, peerId: peer.id, cost: peer.cost });
  }
  return matches;
}
