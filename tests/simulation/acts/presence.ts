import { act, type Tx } from '../act.ts';
import type { Process } from '../processes.ts';
import type { RowOf } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { closedHoldMs, silentHoldMs } from '../holds.ts';
import { peerBackMs } from './talks.ts';

const requestOf = (tx: Pick<Tx, 'live'>, callerId: string): RowOf<'request'> | undefined =>
  [...tx.live('request').values()].find((r) => r.callerId === callerId && r.state !== 'matched');
const talkOf = (tx: Pick<Tx, 'live'>, callerId: string): RowOf<'talk'> | undefined =>
  [...tx.live('talk').values()].find((t) => t.callerId === callerId);
const placesOf = (tx: Pick<Tx, 'live'>, staffId: string): RowOf<'participant'>[] =>
  [...tx.live('participant').values()].filter((x) => x.partyId === staffId && x.role !== 'caller');

/** [RQ4][RQ5] */
export const callerAway = (p: Process, callerId: string, closedTab: boolean) =>
  act(p, { name: 'caller.away' }, (tx) => {
    const request = requestOf(tx, callerId);
    if (request) {
      const heldUntil = tx.now + (closedTab ? closedHoldMs : silentHoldMs);
      tx.change('request', request.id, () => true, { absentSince: request.absentSince ?? tx.now, heldUntil });
      tx.due('request.lapse', request.id, heldUntil);
      tx.emit('request.presence', callerId);
    }
    const talk = talkOf(tx, callerId);
    if (talk) {
      tx.change('talk', talk.id, () => true, { callerLostAt: talk.callerLostAt ?? tx.now });
      tx.due('conversation.stale', talk.id, tx.now + silentHoldMs);
      tx.emit('conversation.presence', talk.peerId);
    }
  });

export const callerBack = (p: Process, callerId: string) =>
  act(p, { name: 'caller.back' }, (tx) => {
    const request = requestOf(tx, callerId);
    if (request && request.absentSince !== null) {
      tx.change('request', request.id, () => true, { absentSince: null, heldUntil: null });
      tx.undue('request.lapse', request.id);
      tx.emit('request.presence', callerId);
    }
    const talk = talkOf(tx, callerId);
    if (talk && talk.callerLostAt !== null) {
      tx.change('talk', talk.id, () => true, { callerLostAt: null });
      tx.undue('conversation.stale', talk.id);
      tx.emit('conversation.presence', talk.peerId);
    }
  });

/** [PE5][CT3] */
export const staffAway = (p: Process, staffId: string) =>
  act(p, { name: 'staff.away' }, (tx) => {
    for (const place of placesOf(tx, staffId)) {
      tx.put('participant', { ...place, lostAt: place.lostAt ?? tx.now });
      const talk = tx.get('talk', place.talkId);
      if (talk?.state !== 'live') continue;
      if (talk.peerId === staffId) {
        const since = talk.peerLostAt ?? tx.now;
        tx.change('talk', talk.id, () => true, { peerLostAt: since });
        if (talk.callerId) tx.due('conversation.return', talk.id, since + peerBackMs);
      }
      tx.emit('conversation.presence', talk.callerId, talk.peerId);
    }
    const away = tx.change('peer', staffId, (s) => s.state !== 'off' && s.awaySince === null, { awaySince: tx.now });
    if (away) tx.emit('peer.changed', staffId);
  });

export const staffBack = (p: Process, staffId: string) =>
  act(p, { name: 'staff.back' }, (tx) => {
    for (const place of placesOf(tx, staffId)) {
      if (place.lostAt === null) continue;
      tx.put('participant', { ...place, lostAt: null });
      const talk = tx.get('talk', place.talkId);
      if (talk?.state !== 'live') continue;
      if (talk.peerId === staffId) {
        tx.change('talk', talk.id, () => true, { peerLostAt: null });
        tx.undue('conversation.return', talk.id);
      }
      tx.emit('conversation.presence', talk.callerId, talk.peerId);
    }
    const back = tx.change('peer', staffId, (s) => s.awaySince !== null, { awaySince: null });
    if (back) tx.emit('peer.changed', staffId);
  });

/** Whom the rows take for present. */
export const takenForPresent = (store: Store, id: string): boolean =>
  [...store.live('request').values()].some(
    (r) => r.callerId === id && r.state !== 'matched' && r.absentSince === null,
  ) ||
  [...store.live('talk').values()].some((t) => t.callerId === id && t.callerLostAt === null) ||
  placesOf(store, id).some((x) => x.lostAt === null) ||
  ((store.get('peer', id)?.state ?? 'off') !== 'off' && store.get('peer', id)?.awaySince === null);
/** And whom for away. */
export const takenForAway = (store: Store, id: string): boolean =>
  (requestOf(store, id)?.absentSince ?? talkOf(store, id)?.callerLostAt ?? store.get('peer', id)?.awaySince ?? null) !==
    null || placesOf(store, id).some((x) => x.lostAt !== null);
