import type { BoardView } from '@hearthline/shared/contracts/views';
import { secondsUntil } from './timeWords.ts';
import { m } from '#lib/paraglide/messages.js';
import { peerStateWord } from './stateWords.ts';

type Waiting = BoardView['waiting'][number];
type Peer = BoardView['peers'][number];
type Talk = BoardView['conversations'][number];

export function nextStep(one: Waiting, peersFree: number, now: number): string {
  if (one.offeredTo)
    return m.staff_board_offered({
      who: one.offeredTo,
      seconds: one.offerExpiresAt ? secondsUntil(one.offerExpiresAt, now) : 0,
    });
  if (one.absent) return m.staff_board_absent();
  return peersFree > 0 ? m.staff_board_next_free() : m.staff_board_no_peer();
}

/** Panes of the peer's window: room left, of four. A peer who takes no talks now has no room. */
export function roomPanes(peer: Peer): number {
  if (!peer.here || peer.resting || peer.state !== 'available' || peer.chatLimit < 1) return 0;
  const room = Math.max(0, peer.chatLimit - peer.chats);
  return room === 0 ? 0 : Math.max(1, Math.round((room / peer.chatLimit) * 4));
}

export function peerWord(peer: Peer): string {
  if (!peer.here) return m.staff_board_peer_away();
  if (peer.resting) return m.staff_board_peer_rests();
  if (peer.state !== 'available') return peerStateWord[peer.state]();
  return peer.chats > 0 ? m.staff_board_peer_of({ n: peer.chats, most: peer.chatLimit }) : m.staff_board_peer_free();
}

export function linkOf(talk: Talk): { kind: 'good' | 'warn' | 'alarm'; text: string } {
  const both = [
    [talk.peerName, talk.peerPresence],
    [m.staff_a_guest({ n: talk.guest }), talk.callerPresence],
  ] as const;
  const lost = both.find(([, presence]) => presence === 'away');
  if (lost) return { kind: 'alarm', text: m.staff_board_lost({ who: lost[0] }) };
  const back = both.find(([, presence]) => presence === 'comingBack');
  if (back) return { kind: 'warn', text: m.staff_board_back({ who: back[0] }) };
  return { kind: 'good', text: m.staff_board_steady() };
}
