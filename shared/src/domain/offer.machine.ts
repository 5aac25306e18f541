import { ok, refuse, type Result } from '../contracts/refusals.ts';

export type Offer = {
  id: string;
  requestId: string;
  peerId: string;
  state: 'pending' | 'accepted' | 'declined' | 'expired' | 'rescinded';
  expiresAt: Date;
};

/** [OF1] Only the peer it was put to can answer it, only while it is pending, only before its deadline. */
export function answer(offer: Offer, peerId: string, now: Date): Result<{ offerId: string; requestId: string }> {
  if (offer.peerId !== peerId) return refuse('offer.gone'); // looks like one that is not there
  switch (offer.state) {
    case 'pending':
      return now >= offer.expiresAt ? refuse('offer.expired') : ok({ offerId: offer.id, requestId: offer.requestId });
    case 'expired':
      return refuse('offer.expired');
    case 'accepted':
    case 'declined':
    case 'rescinded':
      return refuse('offer.gone');
  }
}

/** [OF2] It expires at its deadline, never before (I26), and only once. */
export function canExpire(offer: Offer, now: Date): boolean {
  return offer.state === 'pending' && now >= offer.expiresAt;
}
