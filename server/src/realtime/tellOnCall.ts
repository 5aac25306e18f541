import type { Deps } from '../deps.ts';
import { every } from '../due/loop.ts';
import { changesOnCall } from '../onCall/onCallSeen.ts';

/**
 * [RO11] Tells a line's pages on this node when who is on call is not what they were made from. Looked at when an event may have
 * changed it, and each second while somebody is shown it, so that a hand-over by the clock shows too; mostly it is known still.
 * @param isShown whether anybody here may be shown who is on call on this line
 */
export function tellOnCall(deps: Deps, isShown: (lineId: string) => boolean, tell: (lineId: string) => void) {
  const offChange = deps.onCall.onChange(tell);
  const loop = every(1000, 'look who is on call', deps.log, async () => {
    const shown = deps.lines.all().filter(({ id, config }) => config.escalation && isShown(id));
    await Promise.all(shown.map(({ id }) => deps.onCall.now(id)));
  });
  const offHub = deps.hub.on(({ type }) => {
    if (changesOnCall.has(type)) loop.now();
  });
  return {
    async stop(): Promise<void> {
      offChange();
      offHub();
      await loop.stop();
    },
  };
}
