import { hasPage } from './hasPage.ts';
import { failed, type Means } from './means.ts';

/**
 * In the open pages of a person, which the server shows it to by itself. Where nobody can say who is here (no Redis, or one that
 * was emptied a moment ago) it counts as sent: the pages ask anyway.
 */
export const alarm: Means = {
  kind: 'alarm',
  offered: () => true,
  async send({ staffId }, deps, signal) {
    const unknown = new Promise<null>((done) => signal.addEventListener('abort', () => done(null)));
    const here = await Promise.race([hasPage(deps, staffId).catch(() => null), unknown]);
    return here === false ? failed('noPage') : { state: 'sent' };
  },
};
