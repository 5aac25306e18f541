import { chatCost } from '@hearthline/shared/domain/peer.machine';
import { pickMatches, type FreePeer, type WaitingRequest } from '@hearthline/shared/domain/routing/pickMatches';
import { makeOffers } from '../commands/offers/makeOffers.ts';
import type { Deps } from '../deps.ts';
import { leaseKey } from '../storage/redis/keys.ts';

const leaseMs = 3000;
const sweepMs = 2000;
const mostRequests = 2000;
const declinedForMs = 60_000;

/** Events after which somebody may be matched who could not be before. */
const wakes = new Set([
  'request.opened',
  'request.presence',
  'offer.declined',
  'offer.expired',
  'offer.rescinded',
  'conversation.returned',
  'wrapUp.submitted',
  'peer.changed',
]);

/**
 * Event-driven, never polled; the sweep is only the safety net. Whoever holds a line's lease takes a snapshot, picks
 * purely, and commits in one statement. Two matchers at once are wasteful, never wrong: the rows decide.
 */
export function startMatcher(deps: Deps): { stop(): Promise<void>; pass(lineId: string): Promise<number> } {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  let stopped = false;

  const off = deps.hub.on((event) => {
    if (wakes.has(event.type)) wake(event.lineId);
  });
  const sweep = setInterval(() => {
    for (const line of deps.lines.all()) wake(line.id);
  }, sweepMs);

  function wake(lineId: string): void {
    if (stopped) return;
    if (running.has(lineId)) return void again.add(lineId);
    const work = run(lineId)
      .catch((e: Error) => deps.log.error({ err: e.message, lineId }, 'matching failed; the next wake tries again'))
      .finally(() => {
        running.delete(lineId);
        if (again.delete(lineId)) wake(lineId);
      });
    running.set(lineId, work);
  }

  async function run(lineId: string): Promise<void> {
    if (!(await holdsLease(lineId))) return;
    for (let round = 0; round < 50; round++) {
      again.delete(lineId);
      const made = await pass(lineId);
      if (made === 0 && !again.has(lineId)) return;
    }
  }

  /** Without Redis everybody holds it: wasteful, never wrong. */
  async function holdsLease(lineId: string): Promise<boolean> {
    try {
      const key = leaseKey(lineId);
      if ((await deps.redis.set(key, deps.nodeId, 'PX', leaseMs, 'NX')) === 'OK') return true;
      if ((await deps.redis.get(key)) !== deps.nodeId) return false;
      await deps.redis.pexpire(key, leaseMs);
      return true;
    } catch {
      return true;
    }
  }

  async function pass(lineId: string): Promise<number> {
    const line = deps.lines.byId(lineId);
    if (!line) return 0;
    const now = deps.clock.now();
    const peers = await freePeers(deps, lineId, now);
    if (peers.length === 0) return 0;
    const requests = await waitingRequests(deps, lineId, now, peers.length);
    return makeOffers(deps, lineId, line.config.offerSeconds, pickMatches(requests, peers));
  }

  return {
    pass,
    async stop() {
      stopped = true;
      off();
      clearInterval(sweep);
      await Promise.allSettled(running.values());
    },
  };
}

async function freePeers(deps: Deps, lineId: string, now: Date): Promise<FreePeer[]> {
  const { rows } = await deps.sql.query<{
    staff_id: string;
    load: number;
    chat_limit: number;
    last_live_at: Date | null;
  }>(
    `select s.staff_id, s.load, s.chat_limit, s.last_live_at from peer_state s join staff t on t.id = s.staff_id
     where s.line_id = $1 and s.state = 'available' and s.away_since is null and t.suspended_at is null
       and (s.rest_until is null or s.rest_until <= $2)
       and not exists (select 1 from offer o where o.peer_id = s.staff_id and o.state = 'pending')`,
    [lineId, now],
  );
  return rows
    .map((r) => ({
      id: r.staff_id,
      load: r.load,
      cost: chatCost(r.chat_limit),
      lastLiveAt: r.last_live_at?.getTime() ?? 0,
    }))
    .filter((p) => p.load + p.cost <= 100);
}

/**
 * The head of the line, no longer than can be matched: one request a free peer, and as many more as are excluded from
 * somebody, since those may be passed over.
 */
async function waitingRequests(deps: Deps, lineId: string, now: Date, freePeers: number): Promise<WaitingRequest[]> {
  const { rows } = await deps.sql.query<{
    id: string;
    class: number;
    first_joined_at: Date;
    excluded: string[] | null;
  }>(
    `with barred as materialized (
       select x.request_id, array_agg(x.peer_id) as peers from request_exclusion x join request r on r.id = x.request_id
       where r.line_id = $1 and r.state = 'waiting' and (x.why = 'recused' or x.at > $2) group by x.request_id)
     select r.id, r.class, r.first_joined_at, b.peers as excluded
     from request r left join barred b on b.request_id = r.id
     where r.line_id = $1 and r.state = 'waiting' and r.absent_since is null
     order by r.class, r.first_joined_at, r.id limit least(${mostRequests}, $3 + (select count(*) from barred))`,
    [lineId, new Date(now.getTime() - declinedForMs), freePeers],
  );
  return rows.map((r) => ({
    id: r.id,
    class: r.class,
    joinedAt: r.first_joined_at.getTime(),
    excluded: r.excluded ?? [],
  }));
}
