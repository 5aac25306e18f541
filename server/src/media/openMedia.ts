import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { directMedia } from './direct.ts';
import type { MediaEngine } from './engine.ts';
import { livekitMedia } from './livekit.ts';
import { noMedia } from './off.ts';

/**
 * LiveKit where one is set. Else browser to browser: by itself only through a relay, or on a demo, which nobody in distress
 * reaches; elsewhere an administrator has to say so (V4).
 */
export function openMedia(
  { media: { calls, livekit, turn }, origin }: Config,
  log: Logger,
  now: () => Date,
): MediaEngine {
  if (livekit && (calls === 'auto' || calls === 'livekit')) return livekitMedia(livekit, log);
  const harmless = turn !== null || origin === null;
  if (calls === 'direct' || (calls === 'auto' && harmless)) return directMedia(turn, now);
  return noMedia();
}
