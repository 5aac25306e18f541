import type { MediaSeat, MediaState } from '@hearthline/shared/contracts/media';
import type { Engine, EngineContext } from './media.ts';

const load = {
  livekit: () => import('./livekit/livekitEngine.ts'),
  direct: () => import('./direct/directEngine.ts'),
};

/** Loads the script of calls ahead of one, so that joining does not wait for it: with an offer, and while a call is asked for. */
export async function prepareCalls(state: MediaState): Promise<void> {
  try {
    if (state === 'direct') await load.direct();
    if (state !== 'livekit') return;
    const { prepareSealing } = await load.livekit();
    if (canSeal()) prepareSealing();
  } catch {
    // joining loads it again
  }
}

export async function engineFor(seat: MediaSeat, context: EngineContext): Promise<Engine> {
  return seat.engine === 'livekit'
    ? (await load.livekit()).livekitEngine(seat, context)
    : (await load.direct()).directEngine(seat, context);
}

/** This browser can seal sound and picture before they leave it, as the engine with a server in the middle needs it. */
export const canSeal = (): boolean =>
  'RTCRtpScriptTransform' in window || ('RTCRtpSender' in window && 'createEncodedStreams' in RTCRtpSender.prototype);
