import type { EscalationKind, Share } from '@hearthline/shared/contracts/escalation';
import {
  acknowledge,
  again,
  answerAsk,
  close,
  isOver,
  onDue,
  onNoHope,
  raise,
  withdraw,
} from '@hearthline/shared/domain/escalation.machine';
import { act, allow, orRefuse, Refused, type Tx } from '../act.ts';
import type { Process } from '../processes.ts';
import { groundFor, groundOf, lockEscalation, machineOf, move, tell, type Locked } from './ladder.ts';
import { lockLive, type Talk } from './parties.ts';
import { closeSide } from './sides.ts';
import { openEscalation, ownerOut } from './withTalk.ts';

type Of = { commandId: string; id: string };
const done = { done: true as const };

function open(tx: Tx, talk: Talk, id: string, kind: EscalationKind, raisedBy: 'caller' | 'peer'): Locked {
  const row = {
    id,
    talkId: talk.id,
    kind,
    raisedBy,
    state: 'exhausted' as const,
    step: 0,
    attempt: 0,
    pagedId: null,
    dueAt: null,
    calledAt: null,
    ownerId: null,
    since: tx.now,
  };
  if (standsInTheWay(tx, talk)) throw new Refused('escalation.open');
  move(tx, { row, talk }, raise(kind, raisedBy, groundOf(tx, null, talk.peerId)));
  return { row, talk };
}

/** [ES15] One is open, and whoever joined it is here: one whose browser is lost can be followed by another. */
function standsInTheWay(tx: Tx, talk: Talk): boolean {
  const row = openEscalation(tx, talk.id);
  if (!row) return false;
  if (row.state !== 'joined' || !row.ownerId) return true;
  const here = [talk, ...tx.of('talk', `side ${talk.id}`)].some((one) => {
    const place = tx.get('participant', `${one.id}/${row.ownerId}`);
    return one.state === 'live' && place?.leftAt === null && place.lostAt === null;
  });
  if (!here) ownerOut(tx, talk, row.ownerId);
  return here;
}

/** [ES1] Its id is that of the command. */
export const raiseEscalation = (p: Process, peerId: string, commandId: string, talkId: string, kind: EscalationKind) =>
  act(p, { name: 'escalation.raise', actor: peerId, commandId }, (tx) => {
    const talk = lockLive(tx, talkId);
    allow(talk.peerId === peerId, 'conversation.gone');
    open(tx, talk, `escalation-${commandId}`, kind, 'peer');
    return { escalationId: `escalation-${commandId}` };
  });

/** [ES1] A caller who asks says at once what may be seen. */
export const askForClinician = (p: Process, callerId: string, commandId: string, talkId: string, share: Share) =>
  act(p, { name: 'escalation.ask', actor: callerId, commandId }, (tx) => {
    const talk = lockLive(tx, talkId);
    allow(talk.callerId === callerId, 'conversation.gone');
    open(tx, talk, `escalation-${commandId}`, 'handOff', 'caller');
    consentTo(tx, `escalation-${commandId}`, share);
    return { escalationId: `escalation-${commandId}` };
  });

export const consentTo = (tx: Tx, of: string, share: Share): void =>
  tx.put('consent', { id: tx.newId('consent'), of, share, revoked: false, at: tx.now });

/** [CS2] */
export function sharedNow(tx: Tx, of: string): Share {
  const last = tx.of('consent', of).at(-1);
  return last && !last.revoked ? last.share : 'nothing';
}

/** [ES3] */
export const answerHandOff = (p: Process, callerId: string, { commandId, id }: Of, yes: boolean, share: Share) =>
  act(p, { name: 'escalation.answer', actor: callerId, commandId }, (tx) => {
    const found = lockEscalation(tx, id);
    allow(found.talk.callerId === callerId, 'escalation.gone');
    const next = orRefuse(answerAsk(machineOf(found.row), yes, groundFor(tx, found)));
    if (yes) consentTo(tx, id, share);
    move(tx, found, next);
    return done;
  });

/** [CS2] */
export const revokeShare = (p: Process, callerId: string, { commandId, id }: Of) =>
  act(p, { name: 'consent.revoke', actor: callerId, commandId }, (tx) => {
    const { talk } = lockEscalation(tx, id);
    allow(talk.callerId === callerId, 'escalation.gone');
    const given = tx.of('consent', id).filter((c) => !c.revoked);
    if (given.length === 0) throw new Refused('escalation.gone');
    for (const consent of given) tx.put('consent', { ...consent, revoked: true });
    tell(tx, id, talk);
    return done;
  });

function lockCalled(tx: Tx, staffId: string, id: string): Locked {
  const found = lockEscalation(tx, id);
  allow(
    tx.of('page', id).some((p) => p.staffId === staffId && p.step > 0),
    'escalation.gone',
  );
  return found;
}
function answered(tx: Tx, id: string, staffId: string, answer: 'acknowledged' | 'declined'): void {
  for (const page of tx.of('page', id))
    if (page.staffId === staffId && page.step > 0) tx.put('page', { ...page, answer });
}

/** [ES6] */
export const acknowledgePage = (p: Process, staffId: string, { commandId, id }: Of) =>
  act(p, { name: 'escalation.acknowledge', actor: staffId, commandId }, (tx) => {
    const found = lockCalled(tx, staffId, id);
    const e = machineOf(found.row);
    const next = orRefuse(acknowledge(e, staffId, true, groundFor(tx, found)));
    if (next === e) return done;
    answered(tx, id, staffId, 'acknowledged');
    move(tx, found, next);
    return done;
  });

/** [ES5] */
export const declinePage = (p: Process, staffId: string, { commandId, id }: Of) =>
  act(p, { name: 'escalation.decline', actor: staffId, commandId }, (tx) => {
    const found = lockCalled(tx, staffId, id);
    const e = machineOf(found.row);
    if (isOver(e)) throw new Refused('escalation.over');
    if ((e.state === 'joined' || e.state === 'left') && e.ownerId === staffId) throw new Refused('escalation.joined');
    answered(tx, id, staffId, 'declined');
    const next = onNoHope(e, staffId, found.row, groundFor(tx, found));
    if (next) move(tx, found, next);
    return done;
  });

/** [ES8] */
export const withdrawEscalation = (p: Process, actor: string, { commandId, id }: Of) =>
  act(p, { name: 'escalation.withdraw', actor, commandId }, (tx) => {
    const found = lockEscalation(tx, id);
    const theirs = found.row.kind === 'handOff' && found.talk.callerId === actor;
    allow(theirs || found.talk.peerId === actor, 'escalation.gone');
    move(tx, found, orRefuse(withdraw(machineOf(found.row))));
    return done;
  });

/** [ES9] */
export const callAgain = (p: Process, actor: string, { commandId, id }: Of) =>
  act(p, { name: 'escalation.again', actor, commandId }, (tx) => {
    const found = lockEscalation(tx, id);
    allow(found.talk.peerId === actor, 'escalation.gone');
    // from the first, and whoever said no before is asked again
    const fresh = { ...found, row: { ...found.row, calledAt: null } };
    move(tx, fresh, orRefuse(again(machineOf(found.row), groundFor(tx, fresh))));
    return done;
  });

/** [ES15] Somebody was called after them and has joined: the talk beside is for that advice now. */
function isFollowed(tx: Tx, { row, talk }: Locked): boolean {
  const open = openEscalation(tx, talk.id);
  return open?.kind === 'consult' && open.state === 'joined' && open.id !== row.id;
}

/** [ES10] */
export const closeEscalation = (p: Process, staffId: string, { commandId, id }: Of) =>
  act(p, { name: 'escalation.close', actor: staffId, commandId }, (tx) => {
    const found = lockEscalation(tx, id);
    allow(found.row.ownerId === staffId, 'escalation.gone');
    const next = orRefuse(close(machineOf(found.row), staffId));
    if (found.row.kind === 'consult' && !isFollowed(tx, found)) closeSide(tx, found.talk.id);
    move(tx, found, next);
    return done;
  });

/** [ES4] */
export const goOn = (p: Process, id: string) =>
  act(p, { name: 'escalation.goOn' }, (tx) => {
    const found = lockEscalation(tx, id);
    const next = onDue(machineOf(found.row), groundFor(tx, found));
    if (next) move(tx, found, next);
    return { done: next !== null };
  });

/** [ES5] Nothing of a rung can reach anybody: it climbs now instead of at its time. */
export const pageSettled = (p: Process, pageId: string) =>
  act(p, { name: 'escalation.pageSettled' }, (tx) => {
    const page = tx.get('page', pageId);
    if (!page) return;
    const found = lockEscalation(tx, page.escalationId);
    tx.emit('escalation.changed', found.talk.peerId);
    const since = found.row.calledAt ?? tx.now;
    const ofRung = tx.of('page', page.escalationId).filter((q) => q.step === page.step && q.attempt === page.attempt);
    if (page.step === 0 || ofRung.some((q) => q.madeAt >= since && q.state !== 'failed')) return;
    const machine = machineOf(found.row);
    const next = machine.state === 'paging' ? onNoHope(machine, page.staffId, page, groundFor(tx, found)) : null;
    if (next) move(tx, found, next);
  });
