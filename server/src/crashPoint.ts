import type { Logger } from 'pino';

/**
 * Places between a request and its end where a process may be stopped on purpose, to prove that nothing is lost there:
 * `HEARTHLINE_CRASH_AT=<point>[:<nth time>[:<signal>]]`. Unset, as everywhere outside the fault rig, a point does nothing.
 */
export const crashPoints = [
  'request.open.beforeCommit',
  'request.open.afterCommit',
  'offer.make.beforeCommit',
  'offer.make.afterCommit',
  'offer.expire.beforeCommit',
  'offer.expire.afterCommit',
  'offer.accept.beforeCommit',
  'offer.accept.afterCommit',
  'message.send.beforeCommit',
  'message.send.afterCommit',
  'message.send.answered',
  'conversation.end.beforeCommit',
  'conversation.end.afterCommit',
  'wrapUp.submit.beforeCommit',
  'wrapUp.submit.afterCommit',
] as const;
export type CrashPoint = (typeof crashPoints)[number];
export type CrashAt = { point: CrashPoint; nth: number; signal: NodeJS.Signals };

let armed: CrashAt | null = null;

/** Says loudly that it is set: nobody runs a line with it by mistake. */
export function armCrashPoint(at: CrashAt | null, log: Logger): void {
  armed = at && { ...at };
  if (at) log.warn(at, 'HEARTHLINE_CRASH_AT is set: this process stops itself there');
}

/** @param point may be the name of any act; only those listed are ever armed. */
export function crashPoint(point: string): void {
  if (armed?.point !== point || --armed.nth > 0) return;
  const { signal } = armed;
  armed = null;
  process.kill(process.pid, signal);
}
