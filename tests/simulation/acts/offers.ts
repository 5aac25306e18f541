import { answer, canExpire } from '@hearthline/shared/domain/offer.machine';
import { costOf } from '@hearthline/shared/domain/peer.machine';
import {
  pickMatches,
  takenAs,
  type FreePeer,
  type Match,
  type WaitingRequest,
} from '@hearthline/shared/domain/routing/pickMatches';
import { act, orRefuse, Refused, type Tx } from '../act.ts';
import { lineIds, type LineId } from '../line/line.ts';
import type { Process } from '../processes.ts';
import type { RowOf } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import type { World } from '../world.ts';
import { openTalk } from './openTalk.ts';
import { pause } from './parties.ts';

const declinedForMs = 60_000;

/** A colleague asks them. */
export const isRung = (store: Pick<Store, 'live'>, staffId: string): boolean =>
  [...store.live('invitation').values()].some((i) => i.state === 'ringing' && i.ringsId === staffId);

/** Peers who may be asked something now; what it is comes on top. */
export const isFree = (store: Pick<Store, 'live'>, s: RowOf<'peer'>, now: number): boolean =>
  s.state === 'available' &&
  s.awaySince === null &&
  (s.restUntil === null || s.restUntil <= now) &&
  ![...store.live('offer').values()].some((o) => o.peerId === s.id) &&
  !isRung(store, s.id);

/** What the matcher reads; what it picks is committed later, and the rows may have moved on. */
function snapshot(store: Store, lineId: LineId, now: number): { requests: WaitingRequest[]; peers: FreePeer[] } {
  const peers = [...store.live('peer').values()]
    .filter((s) => s.lineId === lineId && isFree(store, s, now))
    .map((s) => ({ ...s, lastLiveAt: s.lastLiveAt ?? 0 }));
  const requests = [...store.live('request').values()]
    .filter((r) => r.lineId === lineId && r.state === 'waiting' && r.absentSince === null)
    .map((r) => ({
      ...r,
      excluded: store
        .of('exclusion', r.id)
        .filter((x) => x.why === 'recused' || x.at > now - declinedForMs)
        .map((x) => x.peerId),
    }));
  return { requests, peers };
}
/** Each line by itself. */
export const pick = ({ store, line }: World, now: number): Match[] =>
  (line.neighbours.length > 0 ? lineIds : lineIds.slice(0, 1)).flatMap((lineId) => {
    const { requests, peers } = snapshot(store, lineId, now);
    return requests.length > 0 && peers.length > 0 ? pickMatches(requests, peers) : [];
  });

/** [MA3] Every pair that the rows still allow becomes an offer; the others are left out. */
export const makeOffers = (p: Process, matches: readonly Match[]) =>
  act(p, { name: 'offer.make' }, (tx) => {
    let made = 0;
    for (const { requestId, peerId } of matches) {
      const request = tx.get('request', requestId);
      const peer = tx.get('peer', peerId);
      if (request?.state !== 'waiting' || request.absentSince !== null || !peer || !isFree(tx, peer, tx.now)) continue;
      if (request.lineId !== peer.lineId) continue;
      const cost = costOf(request.channel, peer.chatLimit);
      if (peer.load + cost > 100 || !peer.channels.includes(takenAs(request.channel))) continue;
      const id = tx.newId('offer');
      const expiresAt = tx.now + tx.world.line.config.offerSeconds * 1000;
      tx.change('peer', peerId, () => true, { load: peer.load + cost });
      tx.change('request', requestId, () => true, { state: 'offered' });
      tx.put('offer', { id, requestId, peerId, state: 'pending', cost, expiresAt });
      tx.due('offer.expire', id, expiresAt);
      tx.emit('offer.made', peerId, request.callerId);
      made++;
    }
    return made;
  });

function lockOffer(tx: Tx, id: string): { offer: RowOf<'offer'>; request: RowOf<'request'> } {
  const offer = tx.get('offer', id);
  const request = offer && tx.get('request', offer.requestId);
  if (!offer || !request) throw new Refused('offer.gone');
  return { offer, request };
}
const forDomain = (o: RowOf<'offer'>) => ({ ...o, expiresAt: new Date(o.expiresAt) });

function resolve(tx: Tx, offer: RowOf<'offer'>, to: 'accepted' | 'declined' | 'expired'): void {
  if (!tx.change('offer', offer.id, (o) => o.state === 'pending', { state: to })) throw new Refused('offer.gone');
  tx.undue('offer.expire', offer.id);
}

function giveBack(tx: Tx, { id, requestId, peerId, cost }: RowOf<'offer'>): void {
  if (!tx.change('request', requestId, (r) => r.state === 'offered', { state: 'waiting' }))
    throw new Refused('offer.gone');
  giveRoom(tx, peerId, cost);
  tx.emit('offer.over', peerId, tx.get('request', requestId)?.callerId ?? null, id);
}
export const giveRoom = (tx: Tx, peerId: string, cost: number): void =>
  void tx.change('peer', peerId, () => true, { load: (tx.get('peer', peerId)?.load ?? 0) - cost });

/** [OF3] */
export const acceptOffer = (p: Process, peerId: string, commandId: string, offerId: string) =>
  act(p, { name: 'offer.accept', actor: peerId, commandId }, (tx) => {
    const { offer, request } = lockOffer(tx, offerId);
    orRefuse(answer(forDomain(offer), peerId, tx.date));
    resolve(tx, offer, 'accepted');
    if (!tx.change('request', request.id, (r) => r.state === 'offered', { state: 'matched' }))
      throw new Refused('offer.gone');
    const talkId = openTalk(tx, request, { id: peerId, role: 'peer', cost: offer.cost });
    tx.emit('offer.accepted', request.callerId, peerId);
    return { talkId };
  });

/** [OF4] */
export const declineOffer = (
  p: Process,
  peerId: string,
  commandId: string,
  offerId: string,
  why: 'declined' | 'recused',
) =>
  act(p, { name: `offer.${why}`, actor: peerId, commandId }, (tx) => {
    const { offer } = lockOffer(tx, offerId);
    orRefuse(answer(forDomain(offer), peerId, tx.date));
    resolve(tx, offer, 'declined');
    giveBack(tx, offer);
    exclude(tx, offer.requestId, peerId, why);
    return { done: true };
  });

export function exclude(tx: Tx, requestId: string, peerId: string, why: 'declined' | 'recused'): void {
  const id = `${requestId}/${peerId}`;
  if (tx.get('exclusion', id)?.why !== 'recused') tx.put('exclusion', { id, requestId, peerId, why, at: tx.now });
}

/** [OF5] */
export const expireOffer = (p: Process, offerId: string) =>
  act(p, { name: 'offer.expire' }, (tx) => {
    const { offer } = lockOffer(tx, offerId);
    if (!canExpire(forDomain(offer), tx.date)) return { done: false };
    resolve(tx, offer, 'expired');
    giveBack(tx, offer);
    pause(tx, offer.peerId);
    return { done: true };
  });

/** Takes back the pending offer that fits; its request is whoever's who calls this. */
export function rescind(tx: Tx, of: (offer: RowOf<'offer'>) => boolean): RowOf<'offer'> | null {
  const offer = [...tx.live('offer').values()].find(of);
  if (!offer) return null;
  tx.change('offer', offer.id, () => true, { state: 'rescinded' });
  giveRoom(tx, offer.peerId, offer.cost);
  tx.undue('offer.expire', offer.id);
  tx.emit('offer.over', offer.peerId);
  return offer;
}
