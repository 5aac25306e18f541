import {
  answerProposal,
  isCall,
  propose,
  withdraw,
  type Party,
  type Talking,
} from '@hearthline/shared/domain/channel.machine';
import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { costOf } from '@hearthline/shared/domain/peer.machine';
import { purgeDueAt } from '@hearthline/shared/domain/retention';
import { act, allow, orRefuse, Refused, type Tx } from '../act.ts';
import type { Process } from '../processes.ts';
import { endInvitation } from './invited.ts';
import { everybody, lockLive, lockTalk, mustHold, passOn, staffIn, wrapUpDue, type Talk } from './parties.ts';
import { closeSide } from './sides.ts';
import { endWithTalk } from './withTalk.ts';

/** [CO4][CT3] */
export const peerBackMs = 60_000;

/** For everybody in it: nothing in flight is stored any more, wrap-up due, timers gone. @param goesOn its caller waits for the next peer */
export function closeTalk(tx: Tx, talk: Talk, goesOn = false): void {
  const told = everybody(tx, talk);
  const peers = staffIn(tx, talk.id).filter(({ role }) => role === 'peer');
  const purgeAt = purgeDueAt(tx.date, tx.world.line.config.retentionDays).getTime();
  if (!tx.change('talk', talk.id, (t) => t.state === 'live', { state: 'ended', endedAt: tx.now, purgeDueAt: purgeAt }))
    throw new Refused('conversation.ended');
  for (const x of tx.of('participant', talk.id)) if (x.leftAt === null) tx.put('participant', { ...x, leftAt: tx.now });
  for (const { id } of peers) wrapUpDue(tx, talk.id, id);
  closeSide(tx, talk.id);
  endInvitation(tx, talk);
  endWithTalk(tx, talk, goesOn);
  tx.undue('conversation.return', talk.id);
  tx.undue('conversation.stale', talk.id);
  tx.emit('conversation.ended', ...told);
}

function closeRequest(tx: Tx, { requestId }: Talk): void {
  if (!tx.change('request', requestId, (r) => r.state === 'matched', { state: 'closed' }))
    throw new Refused('request.gone');
}

/** [CO1] */
export const endTalk = (p: Process, actor: string, commandId: string, talkId: string) =>
  act(p, { name: 'conversation.end', actor, commandId }, (tx) => {
    const talk = lockTalk(tx, talkId);
    allow(everybody(tx, talk).includes(actor), 'conversation.gone');
    allow(actor === talk.callerId || actor === talk.peerId, 'control.notYours');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    closeTalk(tx, talk);
    closeRequest(tx, talk);
    return { done: true };
  });

/** [CO2] */
export const endStale = (p: Process, talkId: string) =>
  act(p, { name: 'conversation.stale' }, (tx) => {
    const talk = lockTalk(tx, talkId);
    if (talk.state !== 'live' || talk.callerLostAt === null) return { done: false };
    closeTalk(tx, talk);
    closeRequest(tx, talk);
    return { done: true };
  });

/** [CO3] */
export const chooseNextPeer = (p: Process, callerId: string, commandId: string, talkId: string) =>
  act(p, { name: 'conversation.nextPeer', actor: callerId, commandId }, (tx) => {
    const talk = lockLive(tx, talkId);
    allow(talk.callerId === callerId, 'conversation.gone');
    if (talk.peerLostAt === null) throw new Refused('access.denied');
    passOn(tx, talk, 'lost');
    return { done: true };
  });

/** [CO4][CT3] */
export const returnCaller = (p: Process, talkId: string) =>
  act(p, { name: 'conversation.return' }, (tx) => {
    const talk = lockTalk(tx, talkId);
    if (talk.state !== 'live' || talk.peerLostAt === null) return { done: false };
    if (tx.now - talk.peerLostAt < peerBackMs) return { done: false };
    passOn(tx, talk, 'lost');
    return { done: true };
  });

export const proposeChannel = (p: Process, actor: string, commandId: string, talkId: string, channel: TalkChannel) =>
  changeChannel(p, actor, commandId, talkId, 'channel.propose', (now, by) => propose(now, by, channel));
export const answerChannel = (
  p: Process,
  actor: string,
  commandId: string,
  talkId: string,
  channel: TalkChannel,
  yes: boolean,
) => changeChannel(p, actor, commandId, talkId, 'channel.answer', (now, by) => answerProposal(now, by, channel, yes));
export const withdrawChannel = (p: Process, actor: string, commandId: string, talkId: string) =>
  changeChannel(p, actor, commandId, talkId, 'channel.withdraw', withdraw);

/** [CH6][CH7] */
function changeChannel(
  p: Process,
  actor: string,
  commandId: string,
  talkId: string,
  name: string,
  decide: (now: Talking, by: Party) => Result<Talking>,
) {
  return act(p, { name, actor, commandId }, (tx) => {
    const talk = lockLive(tx, talkId);
    allow(actor === talk.callerId || actor === talk.peerId, 'control.notYours');
    const next = orRefuse(decide(talk, actor === talk.callerId ? 'caller' : 'peer'));
    const wanted = next.proposal?.channel ?? next.channel;
    if (!tx.world.line.config.channels.includes(wanted)) throw new Refused('media.off');
    if (isCall(wanted)) {
      mustHold(tx, wanted, staffIn(tx, talkId).length);
      if (peersIn(tx, talk).some(({ peer, cost }) => peer.load > cost)) throw new Refused('channel.noRoom');
    }
    tx.change('talk', talkId, () => true, { channel: next.channel, proposal: next.proposal });
    if (next.channel !== talk.channel) moved(tx, talk, next.channel);
    tx.emit('conversation.channel', ...everybody(tx, talk));
    return { done: true };
  });
}

/** Whose room it takes. A peer who has left pays no more than it cost then, and a clinician pays nothing. */
const peersIn = (tx: Tx, talk: Talk) =>
  tx.of('participant', talk.id).flatMap((place) => {
    const peer = place.role === 'peer' && place.leftAt === null ? tx.get('peer', place.partyId) : undefined;
    return peer ? [{ peer, place, cost: place.cost ?? talk.cost }] : [];
  });

function moved(tx: Tx, talk: Talk, channel: TalkChannel): void {
  for (const { peer, place, cost } of peersIn(tx, talk)) {
    const now = costOf(channel, peer.chatLimit);
    const load = peer.load + now - cost;
    if (load > 100) throw new Refused('channel.noRoom');
    tx.change('peer', peer.id, () => true, { load });
    if (place.cost === null) tx.change('talk', talk.id, () => true, { cost: now });
    else tx.put('participant', { ...place, cost: now });
  }
  tx.change('request', talk.requestId, () => true, { channel });
}
