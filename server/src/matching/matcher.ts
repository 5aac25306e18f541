import type { Channel, TalkChannel } from '@hearthline/shared/contracts/ids';
import {
  pickMatches,
  takenAs,
  type FreePeer,
  type WaitingRequest,
} from '@hearthline/shared/domain/routing/pickMatches';
import { makeOffers } from '../commands/offers/makeOffers.ts';
import type { Deps } from '../deps.ts';
import { leaseKey } from '../storage/redis/keys.ts';

const leaseMs = 3000;
/** So long one's own lease is believed without asking Redis. */
const leaseKnownMs = 1000;
const sweepMs = 2000;
/** Requests looked at in a pass; more, up to `mostRequests`, only when nobody may take any of them. */
const fewRequests = 128;
const mostRequests = 2048;
const declinedForMs = 60_000;

/** Events after which somebody may be matched who could not be before. */
const wakes = new Set([
  'request.opened',
  'request.presence',
  'request.channel',
  'conversation.channel',
  'offer.declined',
  'offer.expired',
  'offer.rescinded',
  'invitation.changed',
  'conversation.returned',
  'wrapUp.submitted',
  'peer.changed',
]);

/**
 * Event-driven, never polled; the sweep is only the safety net. Whoever holds a line's lease takes a snapshot, picks
 * purely, and commits in one statement. Two matchers at once are wasteful, never wrong: the rows decide.
 */
export function startMatcher(deps: Deps): { stop(): Promise<void> } {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  /** Lines whose lease is ours, and until when that is known. */
  const leases = new Map<string, number>();
  let stopped = false;

  const off = deps.hub.on((event) => {
    if (wakes.has(event.type)) wake(event.lineId);
  });
  const sweepAll = () => {
    for (const line of deps.lines.all()) wake(line.id);
  };
  const sweep = setInterval(sweepAll, sweepMs);

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
      const { more } = await matchOnce(deps, lineId);
      if (!more && !again.has(lineId)) return;
    }
  }

  /** Without Redis everybody holds it: wasteful, never wrong. */
  async function holdsLease(lineId: string): Promise<boolean> {
    if ((leases.get(lineId) ?? 0) > performance.now()) return true;
    try {
      const key = leaseKey(lineId);
      const taken = (await deps.redis.set(key, deps.nodeId, 'PX', leaseMs, 'NX')) === 'OK';
      if (!taken && (await deps.redis.get(key)) !== deps.nodeId) return false;
      if (!taken) await deps.redis.pexpire(key, leaseMs);
    } catch {
      return true;
    }
    leases.set(lineId, performance.now() + leaseKnownMs);
    return true;
  }

  /** Whoever comes after need not wait for it to run out. */
  async function giveUp(lineId: string): Promise<void> {
    const key = leaseKey(lineId);
    const mine = (await deps.redis.get(key).catch(() => null)) === deps.nodeId;
    if (mine) await deps.redis.del(key).catch(() => {});
  }

  sweepAll(); // whoever takes over after another has died finds people who wait
  return {
    async stop() {
      stopped = true;
      off();
      clearInterval(sweep);
      await Promise.allSettled(running.values());
      await Promise.all([...leases.keys()].map(giveUp));
    },
  };
}

/** One look at a line, whoever holds its lease. @returns how many offers were made, and whether another look may find more. */
export async function matchOnce(deps: Deps, lineId: string): Promise<{ made: number; more: boolean }> {
  const line = deps.lines.byId(lineId);
  if (!line) return { made: 0, more: false };
  const now = deps.clock.now();
  for (let most = fewRequests; ; most *= 4) {
    const requests = await waitingRequests(deps, lineId, now, most);
    const barred = requests.reduce((sum, r) => sum + r.excluded.length, 0);
    const wanted = [...new Set(requests.map((r) => takenAs(r.channel)))];
    const peers = await freePeers(deps, lineId, now, wanted, requests.length + barred);
    const matches = pickMatches(requests, peers);
    const seenAll = requests.length < most;
    if (matches.length === 0 && peers.length > 0 && !seenAll && most < mostRequests) continue;
    const made = await makeOffers(deps, lineId, line.config.offerSeconds, matches);
    return { made, more: made > 0 && !(seenAll && made === matches.length) };
  }
}

/**
 * Those who may be offered one of these channels, best first ([MA2]); of each no more than asked for, since each request takes
 * one at most.
 */
async function freePeers(
  deps: Deps,
  lineId: string,
  now: Date,
  channels: readonly TalkChannel[],
  most: number,
): Promise<FreePeer[]> {
  const found = await Promise.all(channels.map((channel) => freeFor(deps, lineId, now, channel, most)));
  return [...new Map(found.flat().map((p) => [p.id, p])).values()];
}

async function freeFor(deps: Deps, lineId: string, now: Date, channel: TalkChannel, most: number): Promise<FreePeer[]> {
  const { rows } = await deps.hot.query<{
    staff_id: string;
    load: number;
    chat_limit: number;
    channels: TalkChannel[];
    last_live_at: Date | null;
  }>(
    `select s.staff_id, s.load, s.chat_limit, s.channels, s.last_live_at from peer_state s join staff t on t.id = s.staff_id
     where s.line_id = $1 and s.state = 'available' and s.away_since is null and t.suspended_at is null
       and (s.rest_until is null or s.rest_until <= $2) and s.load + case when $4 = 'chat' then 100 / s.chat_limit else 100 end <= 100
       and $4 = any(s.channels)
       and not exists (select 1 from offer o where o.peer_id = s.staff_id and o.state = 'pending')
       and (select i.rings_id from invitation i where i.rings_id = s.staff_id and i.state = 'ringing' limit 1) is null
     order by s.load, s.last_live_at nulls first, s.staff_id limit $3`,
    [lineId, now, most, channel],
  );
  return rows.map((r) => ({
    id: r.staff_id,
    load: r.load,
    chatLimit: r.chat_limit,
    channels: r.channels,
    lastLiveAt: r.last_live_at?.getTime() ?? 0,
  }));
}

/** The head of the line, with the peers that each may not be put to. */
async function waitingRequests(deps: Deps, lineId: string, now: Date, most: number): Promise<WaitingRequest[]> {
  const { rows } = await deps.hot.query<{
    id: string;
    class: number;
    channel: Channel;
    first_joined_at: Date;
    excluded: string[] | null;
  }>(
    `select r.id, r.class, r.channel, r.first_joined_at,
       (select array_agg(x.peer_id) from request_exclusion x where x.request_id = r.id and (x.why = 'recused' or x.at > $2)) as excluded
     from request r where r.line_id = $1 and r.state = 'waiting' and r.absent_since is null
     order by r.class, r.first_joined_at, r.id limit $3`,
    [lineId, new Date(now.getTime() - declinedForMs), most],
  );
  return rows.map((r) => ({
    id: r.id,
    class: r.class,
    channel: r.channel,
    joinedAt: r.first_joined_at.getTime(),
    excluded: r.excluded ?? [],
  }));
}
