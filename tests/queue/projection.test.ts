import { randomUUID } from 'node:crypto';
import { leaveRequest } from '@hearthline/server/commands/requests/leaveRequest';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { createPlaces, type PlaceTold } from '@hearthline/server/realtime/places';
import { createQueueStore } from '@hearthline/server/storage/redis/queue.store';
import { queueKey, queueWhole } from '@hearthline/server/storage/redis/keys';
import { callerView } from '@hearthline/server/presenters/callerView';
import type { CallerActor } from '@hearthline/server/policies/actor';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
  await line.peer('Maya', { available: false });
  await line.deps.queue.reconcileAll();
});
afterEach(() => line.close());

const rowsInOrder = async () =>
  (
    await line.deps.sql.query<{ id: string }>(
      `select id from request where state in ('waiting', 'offered') order by class, first_joined_at, id`,
      [],
    )
  ).rows.map((r) => r.id);
const inRedis = () => line.deps.redis.zrange(queueKey(line.lineId), '0', '-1');
async function joined(): Promise<CallerActor> {
  const caller = await line.caller();
  must(await openRequest(line.deps, caller, 'chat'));
  return caller;
}

test('[RQ6] [I23] whatever callers and peers do, the order in Redis is the order of the rows', async () => {
  await line.peer('Idris');
  let here: CallerActor[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(99), { minLength: 5, maxLength: 20 }), async (steps) => {
      for (const step of steps) {
        const one = here[step % Math.max(1, here.length)];
        if (step % 3 === 0 && one) {
          await leaveRequest(line.deps, one, randomUUID());
          here = here.filter((c) => c !== one);
        } else if (step % 7 === 1) await offersMade(line.deps, line.lineId);
        else here.push(await joined());
      }
      await line.deps.queue.settled();
      expect(await inRedis()).toEqual(await rowsInOrder());
      expect(await line.deps.queue.reconcileAll()).toBe(0);
    }),
    { numRuns: 6 },
  );
});

test('an older revision revives nothing, also right after the request is gone', async () => {
  const store = createQueueStore(line.deps.redis);
  const [id, now] = [randomUUID(), line.deps.clock.now()];
  expect(await store.project(line.lineId, [{ id, rev: 5, score: 10 }], now)).toBe(1);
  expect(await store.project(line.lineId, [{ id, rev: 4, score: null }], now)).toBe(0);
  expect(await inRedis()).toEqual([id]);
  expect(await store.project(line.lineId, [{ id, rev: 6, score: null }], now)).toBe(1);
  expect(await store.project(line.lineId, [{ id, rev: 5, score: 10 }], now)).toBe(0);
  expect(await inRedis()).toEqual([]);
  const later = new Date(now.getTime() + 600_001); // its tombstone is swept by whoever writes next
  await store.project(line.lineId, [{ id: randomUUID(), rev: 1, score: 1 }], later);
  expect(await line.deps.redis.hlen(`hl:{${line.lineId}}:queue:revs`)).toBe(1);
});

test('an emptied Redis is not believed, and is whole again after one comparison', async () => {
  for (let i = 0; i < 5; i++) await joined();
  await line.deps.queue.settled();
  await line.deps.redis.flushall();
  expect(await line.deps.queue.order(line.lineId)).toEqual(await rowsInOrder());
  await joined(); // writes one entry into an empty queue: still not believed
  await line.deps.queue.settled();
  expect(await inRedis()).toHaveLength(1);
  expect(await line.deps.queue.order(line.lineId)).toEqual(await rowsInOrder());
  expect(await line.deps.queue.reconcileAll()).toBe(5);
  expect(await inRedis()).toEqual(await rowsInOrder());
  expect(await line.deps.redis.exists(queueWhole(line.lineId))).toBe(1);
});

test('strays and wrong places in Redis are put right', async () => {
  await joined();
  await joined();
  await line.deps.queue.settled();
  const [first = ''] = await inRedis();
  await line.deps.redis.zadd(queueKey(line.lineId), 1, randomUUID());
  await line.deps.redis.zadd(queueKey(line.lineId), 9e15, first);
  expect(await line.deps.queue.reconcileAll()).toBe(2);
  expect(await inRedis()).toEqual(await rowsInOrder());
});

test('[I2] [RQ6] a change is told to those whose place it moves, to nobody twice, and never worse than in steps', async () => {
  const callers: CallerActor[] = [];
  for (let i = 0; i < 13; i++) callers.push(await joined());
  await line.deps.queue.settled();
  const told = new Map<string, PlaceTold[]>();
  const places = createPlaces(line.deps, (id, t) => void told.set(id, [...(told.get(id) ?? []), t]));
  for (const c of callers) places.shown(c.id, c.lineId, await callerView(line.deps, c));
  expect(await places.tellLine(line.lineId)).toBe(13);
  expect(told.size).toBe(0);
  const [, second] = callers;
  must(await leaveRequest(line.deps, second as CallerActor, randomUUID()));
  places.forget((second as CallerActor).id);
  await line.deps.queue.settled();
  expect(await places.tellLine(line.lineId)).toBe(12);
  await places.tellLine(line.lineId);
  expect(callers.map((c) => told.get(c.id)?.map((t) => t.place))).toEqual([
    undefined,
    undefined,
    ...[2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => [n]),
    undefined,
    undefined,
  ]);
});
