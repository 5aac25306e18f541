import type { RowOf } from '../store/rows.ts';
import type { Store } from '../store/store.ts';

/** Whether a peer could take a request now, by the rules (MA3, MA4, MA5, PE5) and without the matcher's own reading of them. */
export function isEligible(
  store: Pick<Store, 'live' | 'get'>,
  request: RowOf<'request'>,
  peer: RowOf<'peer'>,
  now: number,
): boolean {
  if (
    peer.lineId !== request.lineId ||
    peer.state !== 'available' ||
    peer.awaySince !== null ||
    (peer.restUntil ?? 0) > now
  )
    return false;
  const way = request.channel === 'phone' ? 'voice' : request.channel;
  const cost = way === 'chat' ? Math.floor(100 / peer.chatLimit) : 100;
  if (!peer.channels.includes(way) || peer.load + cost > 100) return false;
  for (const offer of store.live('offer').values()) if (offer.peerId === peer.id) return false;
  for (const i of store.live('invitation').values()) if (i.state === 'ringing' && i.ringsId === peer.id) return false;
  const barred = store.get('exclusion', `${request.id}/${peer.id}`);
  return !barred || (barred.why === 'declined' && barred.at <= now - 60_000);
}
