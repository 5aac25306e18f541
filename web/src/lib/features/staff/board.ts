import type { BoardView } from '@hearthline/shared/contracts/views';
import { secondsUntil } from './timeWords.ts';
import { words } from './words.ts';

type Waiting = BoardView['waiting'][number];
type Peer = BoardView['peers'][number];
type Talk = BoardView['conversations'][number];

export function nextStep(one: Waiting, peersFree: number, now: number): string {
  if (one.offeredTo)
    return words.board.offered(one.offeredTo, one.offerExpiresAt ? secondsUntil(one.offerExpiresAt, now) : 0);
  if (one.absent) return words.board.absent;
  return peersFree > 0 ? words.board.nextFree : words.board.noPeer;
}

/** Panes of the peer's window: room left, of four. A peer who takes no talks now has no room. */
export function roomPanes(peer: Peer): number {
  if (!peer.here || peer.resting || peer.state !== 'available' || peer.chatLimit < 1) return 0;
  const room = Math.max(0, peer.chatLimit - peer.chats);
  return room === 0 ? 0 : Math.max(1, Math.round((room / peer.chatLimit) * 4));
}

export function peerWord(peer: Peer): string {
  if (!peer.here) return words.board.peerAway;
  if (peer.resting) return words.board.peerRests;
  if (peer.state !== 'available') return words.shift.state[peer.state];
  return peer.chats > 0 ? words.board.peerOf(peer.chats, peer.chatLimit) : words.board.peerFree;
}

export function linkOf(talk: Talk): { kind: 'good' | 'warn' | 'alarm'; text: string } {
  const both = [
    [talk.peerName, talk.peerPresence],
    [words.aGuest(talk.guest), talk.callerPresence],
  ] as const;
  const lost = both.find(([, presence]) => presence === 'away');
  if (lost) return { kind: 'alarm', text: words.board.lost(lost[0]) };
  const back = both.find(([, presence]) => presence === 'comingBack');
  if (back) return { kind: 'warn', text: words.board.back(back[0]) };
  return { kind: 'good', text: words.board.steady };
}
