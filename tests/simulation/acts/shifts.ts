import { endShift as mayEnd, restAfter, setState as maySet } from '@hearthline/shared/domain/peer.machine';
import { act, orRefuse, Refused, type Tx } from '../act.ts';
import type { Process } from '../processes.ts';
import type { RowOf } from '../store/rows.ts';
import { lineOfPeer } from '../line/line.ts';
import { passOver } from './invited.ts';
import { rescind } from './offers.ts';

/** [PE6] */
export const startShift = (p: Process, peerId: string, commandId: string) =>
  act(p, { name: 'shift.start', actor: peerId, commandId }, (tx) => {
    const before = tx.get('peer', peerId);
    if (before && before.state !== 'off') return { done: true };
    const { chatsPerPeer: chatLimit, channels } = tx.world.line.config;
    tx.put('peer', {
      id: peerId,
      lineId: lineOfPeer(tx.world.line, peerId),
      load: 0,
      chatLimit,
      channels,
      restUntil: null,
      lastLiveAt: null,
      ...before,
      state: 'break',
      awaySince: null,
    });
    tx.emit('peer.changed', peerId);
    return { done: true };
  });

/** [PE2] */
export const endShift = (p: Process, peerId: string, commandId: string) =>
  act(p, { name: 'shift.end', actor: peerId, commandId }, (tx) => {
    takeBack(tx, peerId);
    orRefuse(mayEnd(lockPeer(tx, peerId)));
    tx.change('peer', peerId, () => true, { state: 'off', load: 0, awaySince: null });
    tx.emit('peer.changed', peerId);
    return { done: true };
  });

/** [PE7] */
export const setPeerState = (
  p: Process,
  peerId: string,
  commandId: string,
  to: 'available' | 'break' | 'minute' | 'finishing',
) =>
  act(p, { name: 'peer.setState', actor: peerId, commandId }, (tx) => {
    if (to !== 'available') takeBack(tx, peerId);
    const state = orRefuse(maySet(lockPeer(tx, peerId), to));
    tx.change('peer', peerId, () => true, { state });
    tx.emit('peer.changed', peerId);
    return { done: true };
  });

/** [PE8] */
export const setChatLimit = (p: Process, peerId: string, commandId: string, chatLimit: number) =>
  act(p, { name: 'peer.setLimit', actor: peerId, commandId }, (tx) => {
    lockPeer(tx, peerId);
    tx.change('peer', peerId, () => true, { chatLimit });
    tx.emit('peer.changed', peerId);
    return { done: true };
  });

function takeBack(tx: Tx, peerId: string): void {
  passOver(tx, peerId);
  const offer = rescind(tx, (o) => o.peerId === peerId);
  if (offer) tx.change('request', offer.requestId, (r) => r.state === 'offered', { state: 'waiting' });
}

function lockPeer(tx: Tx, peerId: string): RowOf<'peer'> & { live: number; wrapUpsDue: number } {
  const peer = tx.get('peer', peerId);
  if (!peer) throw new Refused('peer.noShift');
  const live = [...tx.live('participant').values()].filter((x) => x.partyId === peerId && x.role === 'peer').length;
  const wrapUpsDue = [...tx.live('wrapUp').values()].filter((w) => w.peerId === peerId).length;
  return { ...peer, live, wrapUpsDue };
}

/** [WU1] The room comes back, [PE4] after the rest that the strain asks for. */
export const submitWrapUp = (p: Process, peerId: string, commandId: string, talkId: string, strain: number) =>
  act(p, { name: 'wrapUp.submit', actor: peerId, commandId }, (tx) => {
    const talk = tx.get('talk', talkId);
    const id = `${talkId}/${peerId}`;
    const cost = tx.get('participant', id)?.cost ?? talk?.cost ?? 0;
    if (!talk || !tx.get('wrapUp', id)) throw new Refused('wrapUp.gone');
    if (!tx.change('wrapUp', id, (w) => w.state === 'due', { state: 'done' })) throw new Refused('wrapUp.gone');
    const peer = tx.get('peer', peerId);
    const rest = restAfter(strain, tx.world.line.config.restMinutes, tx.date)?.getTime() ?? null;
    const restUntil = rest === null ? (peer?.restUntil ?? null) : Math.max(rest, peer?.restUntil ?? 0);
    tx.change('peer', peerId, () => true, { load: Math.max(0, (peer?.load ?? 0) - cost), restUntil });
    if (rest !== null) tx.due('rest.over', peerId, rest);
    tx.emit('wrapUp.submitted', peerId);
    return { done: true };
  });

export const restOver = (p: Process, peerId: string) =>
  act(p, { name: 'rest.over' }, (tx) => {
    const over = tx.change('peer', peerId, (s) => s.restUntil !== null && s.restUntil <= tx.now, { restUntil: null });
    if (over) tx.emit('peer.changed', peerId);
    return { done: over !== null };
  });
