import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { leaseMs, sweepPresence } from '@hearthline/server/due/presenceSweep';
import { createPresence } from '@hearthline/server/realtime/presence';
import { checkRedis } from '@hearthline/server/storage/redis/clients';
import * as keys from '@hearthline/server/storage/redis/keys';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, testLine, until, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());
const one = async <T>(text: string, ...params: unknown[]) => (await line.deps.sql.query<T>(text, params)).rows[0];
const offers = async () => (await one<{ n: number }>('select count(*)::int as n from offer'))?.n ?? 0;
const away = async (peerId: string) =>
  (await one<{ away: boolean }>('select away_since is not null as away from peer_state where staff_id = $1', peerId))
    ?.away;

test('every key carries one hash tag: that of its line, or that of its kind', () => {
  const tag = (key: string) => /^[^{}]*\{([^{}]+)\}[^{}]*$/.exec(key)?.[1];
  for (const key of [keys.queueKey, keys.queueRevs, keys.queueGone, keys.queueWhole, keys.leaseKey])
    expect(tag(key(line.lineId))).toBe(line.lineId);
  expect(tag(keys.presenceKey)).toBe(tag(keys.presenceEpochKey));
});

test('[I24] a whole talk leaves only known names, and nothing that a person wrote', async () => {
  const presence = createPresence(line.deps);
  line.matcher();
  const { caller, peer } = await line.talk();
  presence.came(caller);
  presence.came(peer);
  await until('both are seen', async () => (await line.deps.redis.zcard(keys.presenceKey)) === 2);
  await until(
    'the matcher has its lease',
    async () => (await line.deps.redis.exists(keys.leaseKey(line.lineId))) === 1,
  );
  presence.stop();
  const ttl = await line.deps.redis.pttl(keys.leaseKey(line.lineId));
  expect(ttl).toBeGreaterThan(0);
  expect(ttl).toBeLessThanOrEqual(3000);
  await line.deps.queue.reconcileAll();
  const ofLine = [keys.leaseKey, keys.queueKey, keys.queueRevs, keys.queueGone, keys.queueWhole];
  const known = [keys.presenceKey, keys.presenceEpochKey, ...ofLine.map((key) => key(line.lineId))];
  const found = await line.deps.redis.keys('*');
  expect(found.filter((k) => !known.includes(k) && !k.startsWith('{bull}:due:'))).toEqual([]);
  for (const key of found) expect(String(await line.deps.redis.dump(key))).not.toMatch(/Sparrow|Maya/);
});

test('one matcher a line: whoever has no lease makes no offers, and takes over when it runs out', async () => {
  const lease = keys.leaseKey(line.lineId);
  await line.deps.redis.set(lease, 'somebody else', 'PX', 1200);
  const taken = performance.now();
  line.matcher();
  line.matcher(await line.node());
  await line.peer('Maya');
  must(await openRequest(line.deps, await line.caller(), 'chat'));
  let made = 0;
  await until('the lease of the other runs out', async () => {
    const seen = await offers();
    const held = (await line.deps.redis.get(lease)) === 'somebody else';
    if (held) made = seen;
    return !held;
  });
  expect(performance.now() - taken).toBeGreaterThan(1000);
  expect(made, 'while somebody else held it').toBe(0);
  await until('an offer is made', async () => (await offers()) === 1);
});

test('[I20] who has no lease of presence is away; after an emptied Redis nobody is, for one whole lease', async () => {
  const [here, gone] = [await line.peer('Maya'), await line.peer('Idris')];
  const now = line.deps.clock.now().getTime();
  await line.deps.sql.query(`update shift set started_at = $1`, [new Date(now - 60_000)]);
  await line.deps.redis.zadd(keys.presenceKey, now + leaseMs, here.id, now - 1, gone.id);
  const at = (ms: number) => line.deps.redis.set(keys.presenceEpochKey, String(now - ms));
  await sweepPresence(line.deps); // emptied: no epoch yet
  await at(leaseMs - 5000);
  await sweepPresence(line.deps); // written again, not yet for a whole lease
  expect([await away(here.id), await away(gone.id)]).toEqual([false, false]);
  await at(leaseMs + 1000);
  await sweepPresence(line.deps);
  expect([await away(here.id), await away(gone.id)]).toEqual([false, true]);
});

test('a Redis that may evict is refused by name', async () => {
  await expect(checkRedis(line.deps.redis, line.deps.log)).resolves.toBeUndefined();
  await line.deps.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await expect(checkRedis(line.deps.redis, line.deps.log)).rejects.toThrow(/allkeys-lru.*noeviction/);
});
