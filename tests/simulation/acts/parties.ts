import { isCall } from '@hearthline/shared/domain/channel.machine';
import { heirOf, type InTalk, type StaffRole } from '@hearthline/shared/domain/control.machine';
import { act, allow, Refused, type Tx } from '../act.ts';
import type { Process } from '../processes.ts';
import type { RowOf } from '../store/rows.ts';
import { endInvitation } from './invited.ts';
import { exclude } from './offers.ts';
import { silentHoldMs } from '../holds.ts';
import { closeSideOf, endSide } from './sides.ts';
import { closeTalk } from './talks.ts';
import { ownerOut } from './withTalk.ts';

export type Talk = RowOf<'talk'> & { requestId: string; callerId: string };
export type Why = 'left' | 'lost' | 'removed';

/** A talk with a caller in it. @throws Refused conversation.gone */
export function lockTalk(tx: Tx, id: string): Talk {
  const talk = tx.get('talk', id);
  if (!talk?.callerId || !talk.requestId) throw new Refused('conversation.gone');
  return { ...talk, requestId: talk.requestId, callerId: talk.callerId };
}
export function lockLive(tx: Tx, id: string): Talk {
  const talk = lockTalk(tx, id);
  if (talk.state !== 'live') throw new Refused('conversation.ended');
  return talk;
}

/** Everybody on staff who is in it, longest first. */
export const staffIn = (tx: Pick<Tx, 'of'>, talkId: string): InTalk[] =>
  tx
    .of('participant', talkId)
    .filter((x) => x.role !== 'caller' && x.leftAt === null)
    .sort((a, b) => (a.joinedAt ?? 0) - (b.joinedAt ?? 0) || (a.partyId < b.partyId ? -1 : 1))
    .map((x) => ({
      id: x.partyId,
      role: x.role as InTalk['role'],
      lostAt: x.lostAt === null ? null : new Date(x.lostAt),
    }));

export const everybody = (tx: Pick<Tx, 'of'>, talk: Talk): string[] => [
  talk.callerId,
  ...staffIn(tx, talk.id).map(({ id }) => id),
];

/** [PA2] Who may read has changed. */
function newEpoch(tx: Tx, talkId: string): { epoch: number; lastSeq: number } {
  const talk = tx.get('talk', talkId);
  const now = tx.change('talk', talkId, (t) => t.state === 'live', { epoch: (talk?.epoch ?? 0) + 1 });
  if (!now) throw new Refused('conversation.ended');
  return now;
}

/** [PA7] Browser to browser: three at most. @param staff how many there would be beside the caller */
export function mustHold(tx: Tx, channel: string, staff: number): void {
  if (tx.world.line.direct && isCall(channel) && staff + 1 > 3) throw new Refused('party.full');
}

type NewParty = { partyId: string; reads: 'all' | 'fromNow'; role: StaffRole; cost?: number };
/** [PA1][PA3] */
export function addParty(tx: Tx, talk: Talk, { partyId, reads, role, cost }: NewParty): void {
  if (talk.state !== 'live') throw new Refused('conversation.ended');
  const staff = staffIn(tx, talk.id);
  if (staff.some(({ id }) => id === partyId)) return;
  mustHold(tx, talk.channel, staff.length + 1);
  const { epoch, lastSeq } = newEpoch(tx, talk.id);
  const from = reads === 'all' ? { fromEpoch: 1, afterSeq: 0 } : { fromEpoch: epoch, afterSeq: lastSeq };
  tx.put('participant', {
    id: `${talk.id}/${partyId}`,
    talkId: talk.id,
    partyId,
    role,
    cost: cost ?? null,
    ...from,
    untilEpoch: null,
    untilSeq: null,
    joinedAt: tx.now,
    leftAt: null,
    lostAt: null,
  });
  tx.emit('conversation.parties', ...everybody(tx, talk));
}

/** [PA4] Out, with what comes from now on under another key. */
export function putOut(tx: Tx, talk: Talk, partyId: string, why: Why): void {
  const { epoch, lastSeq } = tx.get('talk', talk.id) ?? talk;
  const until = why === 'removed' ? { untilEpoch: 0, untilSeq: 0 } : { untilEpoch: epoch, untilSeq: lastSeq };
  const gone = tx.change('participant', `${talk.id}/${partyId}`, (x) => x.leftAt === null && x.role !== 'caller', {
    leftAt: tx.now,
    lostAt: null,
    ...until,
  });
  if (!gone) throw new Refused('conversation.gone');
  if (gone.role === 'peer') {
    wrapUpDue(tx, talk.id, partyId);
    closeSideOf(tx, talk, partyId);
  }
  if (gone.role === 'clinician') ownerOut(tx, talk, partyId);
  if (why === 'lost') pause(tx, partyId);
  newEpoch(tx, talk.id);
  tx.emit('conversation.parties', partyId, ...everybody(tx, talk));
}

export function wrapUpDue(tx: Tx, talkId: string, peerId: string): void {
  tx.put('wrapUp', { id: `${talkId}/${peerId}`, talkId, peerId, state: 'due' });
  tx.change('peer', peerId, () => true, { lastLiveAt: tx.now });
}
export const pause = (tx: Tx, staffId: string): void =>
  void tx.change('peer', staffId, (s) => s.state === 'available', { state: 'paused' });

/** [CT1] */
export function passTo(tx: Tx, talk: Talk, to: string, why: Why | 'handedOver'): Talk {
  const proposal = talk.proposal?.by === 'peer' ? null : talk.proposal;
  const passed = tx.change('talk', talk.id, (t) => t.state === 'live' && t.peerId === talk.peerId, {
    peerId: to,
    peerLostAt: null,
    proposal,
  });
  if (!passed) throw new Refused('control.notYours');
  endInvitation(tx, talk);
  tx.undue('conversation.return', talk.id);
  tx.note(`control ${talk.id} ${talk.peerId} → ${to}: ${why}`);
  return { ...talk, ...passed, requestId: talk.requestId, callerId: talk.callerId };
}

/** [CT2] To the next one who is in it, else the caller goes to the head of the line. */
export function passOn(tx: Tx, talk: Talk, why: 'left' | 'lost'): void {
  const heir = heirOf(staffIn(tx, talk.id), talk.peerId);
  if (heir) putOut(tx, passTo(tx, talk, heir, why), talk.peerId, why);
  else toTheHead(tx, talk, why);
}

/** [CO4] With their age, and what they asked for. */
function toTheHead(tx: Tx, talk: Talk, why: 'left' | 'lost'): void {
  closeTalk(tx, talk, true);
  const heldUntil = talk.callerLostAt === null ? null : talk.callerLostAt + silentHoldMs;
  const moved = tx.change('request', talk.requestId, (r) => r.state === 'matched', {
    state: 'waiting',
    class: 0,
    absentSince: talk.callerLostAt,
    heldUntil,
  });
  if (!moved) throw new Refused('request.gone');
  if (heldUntil !== null) tx.due('request.lapse', talk.requestId, heldUntil);
  if (why === 'lost') pause(tx, talk.peerId);
  else exclude(tx, talk.requestId, talk.peerId, 'declined');
  tx.emit('conversation.returned', talk.callerId, talk.peerId);
}

/** [CT2] */
export const leaveTalk = (p: Process, staffId: string, commandId: string, talkId: string) =>
  act(p, { name: 'conversation.leave', actor: staffId, commandId }, (tx) => {
    if (endSide(tx, talkId, staffId)) return { done: true };
    const talk = lockTalk(tx, talkId);
    allow(
      staffIn(tx, talkId).some(({ id }) => id === staffId),
      'conversation.gone',
    );
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    if (talk.peerId === staffId) passOn(tx, talk, 'left');
    else putOut(tx, talk, staffId, 'left');
    return { done: true };
  });

/** [CT4] */
export const handOver = (p: Process, staffId: string, commandId: string, talkId: string, to: string) =>
  act(p, { name: 'conversation.handOver', actor: staffId, commandId }, (tx) => {
    const talk = lockLive(tx, talkId);
    allow(talk.peerId === staffId, 'control.notYours');
    const heir = staffIn(tx, talkId).find(({ id }) => id === to && id !== staffId);
    if (!heir) throw new Refused('party.gone');
    if (heir.lostAt) throw new Refused('party.away');
    tx.emit('conversation.parties', ...everybody(tx, passTo(tx, talk, to, 'handedOver')));
    return { done: true };
  });

/** [CT5] */
export const removeParty = (p: Process, callerId: string, commandId: string, talkId: string, partyId: string) =>
  act(p, { name: 'party.remove', actor: callerId, commandId }, (tx) => {
    const talk = lockLive(tx, talkId);
    allow(talk.callerId === callerId, 'conversation.gone');
    const staff = staffIn(tx, talkId);
    if (!staff.some(({ id }) => id === partyId)) throw new Refused('party.gone');
    const heir = talk.peerId === partyId ? heirOf(staff, partyId) : talk.peerId;
    if (!heir) throw new Refused('party.last');
    putOut(tx, heir === talk.peerId ? talk : passTo(tx, talk, heir, 'removed'), partyId, 'removed');
    return { done: true };
  });
