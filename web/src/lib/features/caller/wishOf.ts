import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import { talkChannels } from '@hearthline/shared/domain/waysTo';

/** What a page's address or form asks for; whatever else it says is a chat. */
export const wishOf = (text: unknown): TalkChannel => talkChannels.find((way) => way === text) ?? 'chat';
