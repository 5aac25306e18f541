import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { Match } from '@hearthline/shared/domain/routing/pickMatches';
import type { Deps } from '../../deps.ts';
import { sqlFile } from '../../storage/postgres/pool.ts';

const statement = sqlFile(import.meta.url, './makeOffers.sql');
type Row = { offer_id: string; request_id: string; peer_id: string; caller_id: string; outbox_id: number };

/** Commits what the matcher picked. @returns how many offers were made; fewer than picked means the world had moved on. */
export async function makeOffers(
  deps: Deps,
  lineId: string,
  offerSeconds: number,
  matches: readonly Match[],
): Promise<number> {
  if (matches.length === 0) return 0;
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + offerSeconds * 1000);
  const { rows } = await deps.sql.query<Row>(statement, [
    matches.map(() => randomUUID()),
    matches.map((m) => m.requestId),
    matches.map((m) => m.peerId),
    matches.map((m) => m.cost),
    lineId,
    now,
    expiresAt,
  ]);
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
  for (const r of rows) deps.prompt('offer.expire', r.offer_id, expiresAt);
  return rows.length;
}
