import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import { engineFor, prepareCalls } from './engines.ts';
import type { Engine, EngineContext } from './media.ts';
import type { MediaState } from '@hearthline/shared/contracts/media';

export type Place =
  | { ok: true; engine: Engine; generation: number; encrypted: boolean }
  /** `atOnce`: said without waiting whether the next try works. */
  | { ok: false; again: boolean; atOnce: boolean; sentence: string | null };
type Asked = EngineContext & { state: MediaState; channel: TalkChannel | 'phone'; epoch: number };

/** A seat in the room that there is now, and the engine for it, whose script comes while the seat is asked for. */
export async function takePlace(asked: Asked, canEncrypt: boolean): Promise<Place> {
  const script = prepareCalls(asked.state);
  const { conversationId, connection, keys, epoch } = asked;
  keys.media(epoch, 1).catch(() => {}); // the keys of this epoch are fetched meanwhile, whatever room it will be
  const seat = await connection.call('media.join', { conversationId, canEncrypt });
  if (!seat.ok) {
    const { code, retryable, message } = seat.refusal;
    const again = retryable || code === 'media.notCalling'; // the view that says so is on its way
    const down = code === 'media.down';
    return { ok: false, again, atOnce: down, sentence: down || !again ? message : null };
  }
  try {
    await script;
    const { generation, encrypted } = seat.value;
    return { ok: true, engine: await engineFor(seat.value, asked), generation, encrypted };
  } catch {
    return { ok: false, again: true, atOnce: false, sentence: null }; // the script could not be loaded
  }
}
