import type { Logger } from 'pino';

/** Where the fault rig ends a process on purpose: on both sides of each commit between asking and wrapping up, and between pressing for a clinician and their last word. */
export const crashPoints = [
  'request.open.beforeCommit',
  'request.open.afterCommit',
  'request.leave.beforeCommit',
  'request.leave.afterCommit',
  'offers.make.beforeCommit',
  'offers.make.afterCommit',
  'offer.accept.beforeCommit',
  'offer.accept.afterCommit',
  'offer.expire.beforeCommit',
  'offer.expire.afterCommit',
  'messages.store.beforeCommit',
  'messages.store.afterCommit',
  'conversation.end.beforeCommit',
  'conversation.end.afterCommit',
  'wrapUp.submit.beforeCommit',
  'wrapUp.submit.afterCommit',
  'escalation.raise.beforeCommit',
  'escalation.raise.afterCommit',
  'escalation.answer.beforeCommit',
  'escalation.answer.afterCommit',
  'escalation.goOn.beforeCommit',
  'escalation.goOn.afterCommit',
  'escalation.acknowledge.beforeCommit',
  'escalation.acknowledge.afterCommit',
  'escalation.join.beforeCommit',
  'escalation.join.afterCommit',
  'escalation.close.beforeCommit',
  'escalation.close.afterCommit',
  'conversation.leave.beforeCommit',
  'conversation.leave.afterCommit',
  'outbox.relay.afterCommit',
  'page.send.afterClaim',
  'page.send.afterSend',
] as const;
export type CrashPoint = (typeof crashPoints)[number];
export type CrashAt = { point: CrashPoint; nth: number; signal: 'SIGKILL' | 'SIGSTOP' | 'SIGTERM' };

let armed: CrashAt | null = null;
let passed = 0;

/** @param text `<crash point>:<nth time>:<signal>`, already judged */
export function readCrashAt(text: `${CrashPoint}:${string}:${CrashAt['signal']}`): CrashAt {
  const [point, nth, signal] = text.split(':') as [CrashPoint, string, CrashAt['signal']];
  return { point, nth: Number(nth), signal };
}

/** Once in a process' life, from its settings. */
export function armCrashPoint(at: CrashAt | null, log: Logger): void {
  armed = at;
  if (at)
    log.error(at, 'this process ends itself at a crash point: never set HEARTHLINE_CRASH_AT where people are served');
}

/** Does nothing unless this very point is armed. Takes any name, since acts are named where they are written. */
export function crashPoint(name: string): void {
  if (armed?.point !== name || ++passed !== armed.nth) return;
  process.kill(process.pid, armed.signal);
}
