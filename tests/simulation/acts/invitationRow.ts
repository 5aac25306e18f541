import { isOver, type Ground, type Invitation } from '@hearthline/shared/domain/invitation.machine';
import { costOf } from '@hearthline/shared/domain/peer.machine';
import { Refused, type Tx } from '../act.ts';
import { hasPage } from '../holds.ts';
import type { RowOf } from '../store/rows.ts';
import { giveRoom, isFree, isRung } from './offers.ts';
import { lockTalk, type Talk } from './parties.ts';

export type Locked = { row: RowOf<'invitation'>; talk: Talk };

export function lockInvitation(tx: Tx, id: string): Locked {
  const row = tx.get('invitation', id);
  if (!row) throw new Refused('invitation.gone');
  return { row, talk: lockTalk(tx, row.talkId) };
}
/** The one of a talk that is not over. */
export const openInvitation = (tx: Tx, talkId: string): RowOf<'invitation'> | undefined =>
  tx.of('invitation', talkId).find((i) => !isOver(i));

/** What the machine decides about. */
export function machineOf({ state, ringsId, dueAt }: RowOf<'invitation'>): Invitation {
  if (state === 'asking' && dueAt !== null) return { state, dueAt: new Date(dueAt) };
  if (state === 'ringing' && dueAt !== null && ringsId) return { state, ringsId, dueAt: new Date(dueAt) };
  if (state === 'joined' && ringsId) return { state, joinedId: ringsId };
  if (state === 'asking' || state === 'ringing' || state === 'joined')
    throw new Error(`an invitation that is ${state} lacks what that needs`);
  return { state };
}

/** chatLimit: null for whom a talk takes no room. */
type Candidate = { id: string; chatLimit: number | null };
const isIn = (tx: Tx, talkId: string, id: string): boolean => tx.get('participant', `${talkId}/${id}`)?.leftAt === null;

/** [IN7] A coordinator who has a page open. Whose turn it is decides nothing here. */
function helper(tx: Tx, { tried, whom }: RowOf<'invitation'>, talk: Talk): Candidate | null {
  const { world } = tx;
  const here = (id: string) => (whom ?? id) === id && !isIn(tx, talk.id, id) && !isRung(tx, id) && hasPage(world, id);
  const id = world.line.coordinators.find((one) => !tried.includes(one) && here(one));
  return id === undefined ? null : { id, chatLimit: null };
}

/** [IN3] As for an offer: whoever has most room and talked longest ago; nobody twice. */
function peer(
  tx: Tx,
  { tried, whom, lineId }: RowOf<'invitation'>,
  { id, channel, requestId }: Talk,
): Candidate | null {
  const able = [...tx.live('peer').values()].filter(
    (s) =>
      s.lineId === lineId &&
      (whom ?? s.id) === s.id &&
      !tried.includes(s.id) &&
      s.load + costOf(channel, s.chatLimit) <= 100 &&
      s.channels.includes(channel) &&
      isFree(tx, s, tx.now) &&
      !isIn(tx, id, s.id) &&
      tx.get('wrapUp', `${id}/${s.id}`)?.state !== 'due' &&
      tx.get('exclusion', `${requestId}/${s.id}`)?.why !== 'recused',
  );
  able.sort((a, b) => a.load - b.load || (a.lastLiveAt ?? 0) - (b.lastLiveAt ?? 0) || (a.id < b.id ? -1 : 1));
  return able[0] ?? null;
}

export type Asked = Ground & { who: Candidate | null };
export function groundOf(tx: Tx, { row, talk }: Locked): Asked {
  const { escalation, offerSeconds } = tx.world.line.config;
  const who = row.purpose === 'help' ? helper(tx, row, talk) : peer(tx, row, talk);
  const { askSeconds } = escalation;
  return { now: tx.date, askSeconds, ringSeconds: offerSeconds, next: who?.id ?? null, who };
}

/** Writes what the machine decided, with its timer; the room of who is asked is held for as long as they are, and given back. */
export function move(tx: Tx, { row, talk }: Locked, next: Invitation, ground: Asked | null): void {
  const before = row.state === 'ringing' ? row.ringsId : null;
  if (before && row.cost > 0 && next.state !== 'joined') giveRoom(tx, before, row.cost);
  const rung = next.state === 'ringing' && ground?.who?.id === next.ringsId ? ground.who : null;
  const cost = rung?.chatLimit ? costOf(talk.channel, rung.chatLimit) : 0;
  if (rung && cost > 0) giveRoom(tx, rung.id, -cost);
  const dueAt = 'dueAt' in next ? next.dueAt.getTime() : null;
  tx.put('invitation', {
    ...row,
    state: next.state,
    ringsId: rung?.id ?? row.ringsId,
    cost: next.state === 'joined' ? row.cost : cost,
    tried: rung ? [...row.tried, rung.id] : row.tried,
    dueAt,
  });
  if (dueAt === null) tx.undue('invitation.goOn', row.id);
  else tx.due('invitation.goOn', row.id, dueAt);
  tx.note(`invitation.${next.state}`);
  tx.emit('invitation.changed', talk.callerId, talk.peerId, row.askedBy, before, rung?.id ?? null);
}
