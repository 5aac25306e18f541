import type { Quality } from './media.ts';

/** Since when the line has been poor, or good again, in milliseconds of one clock. */
export type Narrowing = { narrow: boolean; since: number | null };

export const wide: Narrowing = { narrow: false, since: null };
const poorForMs = 8000;
const goodForMs = 15_000;

/** Pictures go when the line has been poor for 8 s, so that the voices stay, and come back when it has been good for 15 s. */
export function narrowStep({ narrow, since }: Narrowing, quality: Quality, now: number): Narrowing {
  if (quality === 'unknown') return { narrow, since };
  const turning = narrow ? quality === 'good' : quality === 'poor' || quality === 'lost';
  if (!turning) return { narrow, since: null };
  if (since === null) return { narrow, since: now };
  return now - since >= (narrow ? goodForMs : poorForMs) ? { narrow: !narrow, since: null } : { narrow, since };
}
