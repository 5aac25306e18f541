import { Refused, type Tx } from '../act.ts';
import type { RowOf } from '../store/rows.ts';
import { enter } from './openTalk.ts';
import { lockTalk, type Talk } from './parties.ts';
import { ownerOut } from './withTalk.ts';

const sideOf = (tx: Tx, talkId: string): RowOf<'talk'> | undefined =>
  tx.of('talk', `side ${talkId}`).find((t) => t.state === 'live');

/** [PA6] Peer and clinician alone, beside a talk; one at a time, and it costs nothing. */
export function openSide(tx: Tx, talk: Talk, clinicianId: string): string {
  const found = sideOf(tx, talk.id);
  if (found && tx.get('participant', `${found.id}/${clinicianId}`)?.leftAt === null) return found.id;
  if (found) end(tx, found);
  const id = tx.newId('side');
  tx.put('talk', {
    id,
    lineId: talk.lineId,
    requestId: null,
    callerId: null,
    sideOf: talk.id,
    peerId: talk.peerId,
    state: 'live',
    channel: 'chat',
    proposal: null,
    cost: 1,
    epoch: 1,
    lastSeq: 0,
    callerLostAt: null,
    peerLostAt: null,
    endedAt: null,
    purgeDueAt: null,
  });
  enter(tx, id, talk.peerId, 'peer');
  enter(tx, id, clinicianId, 'clinician');
  tx.emit('conversation.parties', talk.callerId, talk.peerId, clinicianId);
  return id;
}

export function closeSide(tx: Tx, talkId: string): void {
  const side = sideOf(tx, talkId);
  if (side) end(tx, side);
}

/** [PA6] This peer is out of a talk that goes on, and so is whoever gave them advice (ES15). */
export function closeSideOf(tx: Tx, talk: Talk, peerId: string): void {
  const side = sideOf(tx, talk.id);
  if (side?.peerId === peerId) endAdvice(tx, talk, side);
}

function endAdvice(tx: Tx, talk: Talk, side: RowOf<'talk'>): void {
  end(tx, side);
  for (const x of tx.of('participant', side.id)) if (x.role === 'clinician') ownerOut(tx, talk, x.partyId);
}

/** Either of the two ends it; whoever gave the advice is out of it (ES15). @returns false: there is no such talk beside another */
export function endSide(tx: Tx, id: string, staffId: string): boolean {
  const side = tx.get('talk', id);
  if (!side?.sideOf) return false;
  if (!tx.get('participant', `${id}/${staffId}`)) throw new Refused('conversation.gone');
  if (side.state !== 'live') throw new Refused('conversation.ended');
  endAdvice(tx, lockTalk(tx, side.sideOf), side);
  return true;
}

function end(tx: Tx, side: RowOf<'talk'>): void {
  const days = tx.world.line.config.retentionDays;
  tx.change('talk', side.id, () => true, {
    state: 'ended',
    endedAt: tx.now,
    purgeDueAt: tx.now + days * 86_400_000,
  });
  for (const x of tx.of('participant', side.id)) if (x.leftAt === null) tx.put('participant', { ...x, leftAt: tx.now });
  tx.emit('conversation.parties', side.peerId);
}
