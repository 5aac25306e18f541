import { qualityOf, readFigures, type Figures } from './quality.ts';
import type { Quality } from './media.ts';

const everyMs = 500;
/** Browsers ask the other end every 2.5 s whether it is there (STUN, RFC 7675), so a line that works is never this quiet. */
const quietMs = 2900;
/** Opus sends every 0.4 s even in silence (DTX). */
const quietWhileHeardMs = 1600;
const qualityEveryMs = 1000;

type Watched = {
  stats(): Promise<RTCStatsReport[]>;
  /** Somebody ought to be heard now, all the time, so a shorter silence already is one. */
  heard(): boolean;
  flows(is: boolean): void;
  quality(is: Quality): void;
};

/**
 * Whether anything still comes in, and how well. What signalling says of a connection is not enough: it is lost while sound goes
 * on, and goes on for many seconds after sound is lost. @returns a function that ends it
 */
export function watchFlow(of: Watched): () => void {
  let bytes = -1;
  let heardAt = performance.now();
  let told: { at: number; figures: Figures } | null = null;
  let flows = true;
  let busy = false;
  const look = async () => {
    const figures = readFigures(await of.stats());
    const now = performance.now();
    if (figures.bytesReceived !== bytes) heardAt = now;
    bytes = figures.bytesReceived;
    const are = now - heardAt < (of.heard() ? quietWhileHeardMs : quietMs);
    if (are !== flows) of.flows((flows = are));
    if (told && now - told.at < qualityEveryMs) return;
    of.quality(flows ? qualityOf(told?.figures ?? null, figures) : 'lost');
    told = { at: now, figures };
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void look()
      .catch(() => {}) // a connection that is just being closed
      .finally(() => (busy = false));
  }, everyMs);
  return () => clearInterval(timer);
}
