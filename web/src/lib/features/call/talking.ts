import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import type { DeskConversation } from '@hearthline/shared/contracts/views';
import type { CallFacts } from '#lib/media/media.ts';
import { m } from '#lib/paraglide/messages.js';

/** What both sides know of how they talk. */
export type Talking = Pick<DeskConversation, 'id' | 'me' | 'epoch' | 'channel' | 'proposal' | 'calls' | 'room'>;

export const callFactsOf = (c: Talking): CallFacts => ({
  conversationId: c.id,
  me: c.me,
  epoch: c.epoch,
  channel: c.channel,
  state: c.calls.state,
  exposesAddress: c.calls.exposesAddress,
  room: c.room,
});

export const isCall = (channel: Talking['channel']): boolean => channel !== 'chat';
/** Calls can be had now. */
export const mayCall = ({ calls }: Pick<Talking, 'calls'>): boolean =>
  calls.state === 'livekit' || calls.state === 'direct';

/** What can be asked for from here, most usual first; less than now is not asked but done. */
export function waysFrom(c: Pick<Talking, 'channel' | 'calls'>, offered: readonly TalkChannel[]): TalkChannel[] {
  if (c.channel === 'phone') return [];
  const more: Record<TalkChannel, TalkChannel[]> = { chat: ['voice', 'video'], voice: ['video'], video: [] };
  return mayCall(c) ? more[c.channel].filter((way) => offered.includes(way)) : [];
}

/** Who could hear or see it beside the two, and what becomes visible, as the who-is-here panel says it. */
export function privacyWords({ calls, room }: Pick<Talking, 'calls' | 'room'>, them: string): string {
  if (calls.exposesAddress) return `${m.call_direct()} ${m.call_address_seen({ them })}`;
  if (calls.state === 'direct') return m.call_relayed();
  return room?.encrypted ? m.call_sealed() : m.call_unsealed();
}
