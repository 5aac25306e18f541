import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { Match } from '@hearthline/shared/domain/routing/pickMatches';
import { crashPoint } from '../../crashPoints.ts';
import type { Deps } from '../../deps.ts';
import { sqlFile } from '../../storage/postgres/pool.ts';

const uniqueViolation = '23505';
const statement = sqlFile(import.meta.url, './makeOffers.sql');
type Row = { offer_id: string; request_id: string; peer_id: string; caller_id: string; outbox_id: number };

/**
 * Commits what the matcher picked. When another matcher puts somebody to the same peer in this very moment, an index
 * refuses the whole batch: then its pairs go one by one, and the ones that are refused are left out.
 * @returns how many offers were made; fewer than picked means the world had moved on.
 */
export async function makeOffers(
  deps: Deps,
  lineId: string,
  offerSeconds: number,
  matches: readonly Match[],
): Promise<number> {
  if (matches.length === 0) return 0;
  try {
    return await makeBatch(deps, lineId, offerSeconds, matches);
  } catch (e) {
    if ((e as { code?: string }).code !== uniqueViolation) throw e;
    if (matches.length === 1) return 0;
  }
  let made = 0;
  for (const match of matches) made += await makeOffers(deps, lineId, offerSeconds, [match]);
  return made;
}

async function makeBatch(deps: Deps, lineId: string, offerSeconds: number, matches: readonly Match[]): Promise<number> {
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + offerSeconds * 1000);
  crashPoint('offers.make.beforeCommit');
  const { rows } = await deps.hot.query<Row>(statement, [
    matches.map(() => randomUUID()),
    matches.map((m) => m.requestId),
    matches.map((m) => m.peerId),
    lineId,
    now,
    expiresAt,
  ]);
  if (rows.length > 0) crashPoint('offers.make.afterCommit');
  deps.hub.tell(
    rows.map((r): DomainEvent => ({
      type: 'offer.made',
      lineId,
      requestId: r.request_id,
      offerId: r.offer_id,
      peerId: r.peer_id,
      callerId: r.caller_id,
    })),
  );
  deps.outboxTold(rows.map((r) => r.outbox_id));
  if (rows.length > 0) deps.promptAt(expiresAt);
  return rows.length;
}
