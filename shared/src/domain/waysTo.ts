import type { TalkChannel } from '../contracts/ids.ts';
import type { LineConfig } from '../contracts/line.contract.ts';
import type { Calls } from '../contracts/media.contract.ts';

export const talkChannels: readonly TalkChannel[] = ['chat', 'voice', 'video'];

/**
 * [LN2] How somebody can talk with a line now, in the order in which it is offered: what the line offers and a peer on shift
 * takes; calls only where they can be had.
 */
export function waysTo(line: {
  config: Pick<LineConfig, 'channels'>;
  calls: Pick<Calls, 'state'>;
  taken: readonly TalkChannel[];
}): TalkChannel[] {
  const mayCall = line.calls.state === 'livekit' || line.calls.state === 'direct';
  return talkChannels.filter(
    (way) => line.config.channels.includes(way) && line.taken.includes(way) && (way === 'chat' || mayCall),
  );
}
