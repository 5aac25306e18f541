import { bucket } from '../doors/limits.ts';

const mostDelayMs = 250;
/** So many are let in a second however busy this node is: a storm ends, and nobody is kept out for good. */
export const atLeastPerSecond = 1000;

/**
 * After an outage everybody comes at once (F40). While this node's event loop is late, connections are let in no faster than
 * it has been shown to bear; who is refused tries again within two seconds, here or on another node.
 * @param loopDelayMs how late the event loop was of late.
 */
export function createAdmission(loopDelayMs: () => number): () => boolean {
  const admitted = bucket(atLeastPerSecond, 1000);
  return () => loopDelayMs() < mostDelayMs || admitted.take('all');
}
