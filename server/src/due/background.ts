import type { Deps } from '../deps.ts';
import { keepPhoneLines } from '../media/phoneLines.ts';
import { startMatcher } from '../matching/matcher.ts';
import { closeLines } from './closeLines.ts';
import { every, type Loop } from './loop.ts';
import { keepKeys, purgeDue } from './keepKeys.ts';
import { stretchSessions } from './longTalks.ts';
import { reconcileCalls } from './reconcileCalls.ts';
import { reconcileQueue } from './reconcileQueue.ts';
import { sweepPresence } from './presenceSweep.ts';
import { anchorAudit, sealAudit } from './sealAudit.ts';
import { relayOutbox, sweepDue, tidyLogs } from './sweeper.ts';

const phoneLinesMs = 60_000;
/** Again and again: trunks and lines come later, and a media server may come up after us. */
function phoneLines({ config: { media }, lines, log }: Deps): Loop[] {
  const { livekit, phone } = media;
  if (!livekit || !phone) return [];
  const loop = every(phoneLinesMs, 'telephone lines', log, () => keepPhoneLines(livekit, lines, log));
  loop.now();
  return [loop];
}

/** Everything that time does. Runs in every worker, and in a server while no worker is alive (F18). */
export function startBackground(deps: Deps): { stop(): Promise<void> } {
  const parts = [
    startMatcher(deps),
    every(500, 'sweep due rows', deps.log, () => sweepDue(deps)),
    every(1000, 'relay outbox', deps.log, () => relayOutbox(deps)),
    every(700, 'seal audit', deps.log, () => sealAudit(deps)),
    reconcileQueue(deps),
    reconcileCalls(deps),
    ...phoneLines(deps),
    every(5000, 'sweep presence', deps.log, () => sweepPresence(deps)),
    every(60_000, 'stretch sessions', deps.log, () => stretchSessions(deps)),
    every(20_000, 'close lines', deps.log, () => closeLines(deps)),
    every(60_000, 'anchor audit', deps.log, () => anchorAudit(deps)),
    every(60_000, 'tidy logs', deps.log, () => tidyLogs(deps)),
    every(60_000, 'purge conversations', deps.log, () => purgeDue(deps)),
    every(600_000, 'rotate keys', deps.log, () => keepKeys(deps)),
  ];
  return {
    async stop() {
      await Promise.all(parts.map((p) => p.stop()));
    },
  };
}
