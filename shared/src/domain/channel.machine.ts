import type { TalkChannel } from '../contracts/ids.ts';
import { ok, refuse, type Result } from '../contracts/refusals.ts';

export type Party = 'caller' | 'peer';
/** How a conversation is held now, and what one side has asked the other for. */
export type Talking = { channel: TalkChannel; proposal: { channel: TalkChannel; by: Party } | null };

const amount: Record<TalkChannel, number> = { chat: 0, voice: 1, video: 2 };

export const isCall = (channel: string): boolean => channel !== 'chat';

/**
 * [CH1] More than now needs the other one's yes; [CH2] less is anybody's right and happens at once; [CH3] both asking for the
 * same is a yes; asking for something else replaces one's own earlier wish, and the other's stays until it is answered.
 */
export function propose(now: Talking, by: Party, channel: TalkChannel): Result<Talking> {
  if (channel === now.channel) return refuse('channel.same');
  if (amount[channel] < amount[now.channel]) return ok({ channel, proposal: null });
  if (now.proposal && now.proposal.by !== by)
    return now.proposal.channel === channel ? ok({ channel, proposal: null }) : refuse('channel.gone');
  return ok({ channel: now.channel, proposal: { channel, by } });
}

/**
 * [CH4] Only the one who was asked answers, and what they were asked: a yes to what stands there no more is none. A no changes
 * nothing but the question. @param channel the one that was shown
 */
export function answerProposal(now: Talking, by: Party, channel: TalkChannel, yes: boolean): Result<Talking> {
  if (now.proposal?.channel !== channel || now.proposal.by === by) return refuse('channel.gone');
  return ok({ channel: yes ? now.proposal.channel : now.channel, proposal: null });
}

/** [CH5] Only the one who asked takes it back. */
export function withdraw(now: Talking, by: Party): Result<Talking> {
  if (now.proposal?.by !== by) return refuse('channel.gone');
  return ok({ channel: now.channel, proposal: null });
}
