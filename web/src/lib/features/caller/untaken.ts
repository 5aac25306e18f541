import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import { m } from '#lib/paraglide/messages.js';

const words = { chat: m.caller_untaken_chat, voice: m.caller_untaken_voice, video: m.caller_untaken_video } as const;

/** [LN2] Nobody on shift takes this. */
export const untaken = (asked: TalkChannel): string => words[asked]();

/** What can be had at once; nothing where nothing can. @param ways other ways, which somebody takes */
export function insteadOf(ways: readonly TalkChannel[]): string {
  if (ways.includes('chat')) return m.caller_untaken_write();
  return ways.length > 0 ? m.caller_untaken_other() : '';
}
