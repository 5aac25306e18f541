import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import { markDone, removeGone } from '../commands/means/markPage.ts';
import { giveUpStale } from '../commands/means/giveUpStale.ts';
import { crashPoint } from '../crashPoints.ts';
import type { Deps } from '../deps.ts';
import { every } from '../due/loop.ts';
import { sqlFile } from '../storage/postgres/pool.ts';
import { allMeans, meansKinds } from './allMeans.ts';
import { failed, type Handed, type PageToSend } from './means.ts';
import { testCodeOf } from './pageText.ts';

const claimPages = sqlFile(import.meta.url, './claimPages.sql');
const sweepMs = 1000;
/** So long a provider has to say yes. */
const deadline = 5000;
/** Of one kind at a time in one process: where one provider hangs, the others go on. */
const mostOfAKind = 40;

type Claimed = {
  id: string;
  kind: MeansKind;
  staff_id: string;
  means_id: string;
  escalation_id: string | null;
  address: unknown;
  removed: boolean;
  line_id: string | null;
  needed: boolean;
};

/**
 * Hands pages that are due to their providers, each under its own key and once: at once when a commit tells of one, and with a
 * look each second. It runs in every process; who claims a row first sends it.
 * @param deadlineMs shorter in tests
 */
export function startSender(deps: Deps, deadlineMs = deadline): { stop(): Promise<void> } {
  const underWay = new Map<MeansKind, Set<Promise<void>>>(meansKinds.map((kind) => [kind, new Set()]));
  const busy = (kind: MeansKind) => underWay.get(kind)?.size ?? 0;

  function start(page: Claimed): void {
    const all = underWay.get(page.kind);
    const one = sendOne(deps, page, deadlineMs)
      .catch((e: Error) =>
        deps.log.error({ err: e.message, page: page.id }, 'a page was not marked; it becomes unknown'),
      )
      .finally(() => {
        if (all?.delete(one) && all.size === mostOfAKind - 1) loop.now();
      });
    all?.add(one);
  }

  const loop = every(sweepMs, 'send pages', deps.log, async () => {
    const free = meansKinds.filter((kind) => busy(kind) < mostOfAKind);
    const { rows } = await deps.sql.query<Claimed>(claimPages, [
      deps.clock.now(),
      free,
      free.map((kind) => mostOfAKind - busy(kind)),
    ]);
    if (rows.length > 0) crashPoint('page.send.afterClaim');
    rows.forEach(start);
    await giveUpStale(deps, deadlineMs);
  });
  const off = deps.hub.on((event) => {
    if (event.type === 'page.made') loop.now();
  });
  loop.now();
  return {
    async stop() {
      off();
      await loop.stop();
      await Promise.all([...underWay.values()].flatMap((all) => [...all]));
    },
  };
}

async function sendOne(deps: Deps, row: Claimed, deadlineMs: number): Promise<void> {
  const handed = await hand(deps, row, deadlineMs);
  crashPoint('page.send.afterSend');
  if (handed.state === 'failed' && handed.why === 'gone') await removeGone(deps, row.means_id);
  await markDone(deps, row.id, handed);
}

/** Never throws, and never takes longer than the deadline, whatever a provider does. */
async function hand(deps: Deps, row: Claimed, deadlineMs: number): Promise<Handed> {
  const means = allMeans[row.kind];
  if (row.removed) return failed('removed');
  if (!row.needed) return failed('notNeeded');
  if (!means.offered(deps.config)) return failed('notOffered');
  const timer = new AbortController();
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<Handed>((done) => {
    timeout = setTimeout(() => {
      timer.abort();
      done(failed('late'));
    }, deadlineMs);
  });
  try {
    return await Promise.race([means.send(pageOf(deps, row), deps, timer.signal), late]);
  } catch (error) {
    deps.log.error({ err: (error as Error).name, kind: row.kind }, 'a means broke');
    return failed('broken');
  } finally {
    clearTimeout(timeout);
  }
}

const pageOf = (deps: Deps, row: Claimed): PageToSend => ({
  id: row.id,
  kind: row.kind,
  staffId: row.staff_id,
  address: row.address,
  line: (row.line_id ? deps.lines.byId(row.line_id) : deps.lines.first())?.config.shortName ?? 'Hearthline',
  testCode: row.escalation_id ? null : testCodeOf(deps.config, row.id),
});
