import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inLanes } from '../load/ending.ts';
import { until } from '../support/line.ts';
import type { Stack } from '../support/services.ts';
import { inspected, keptBytes, measuresOf } from './measures.ts';
import { caller, codeOf, knock, openStack, type Knocker } from './target.ts';
import { ask, liveQuery, openSocket, openWire } from './wire.ts';

/** A number that a busy machine of two cores gets through in some ten seconds. */
const connects = 3000;

let stack: Stack;
const guests: Knocker[] = [];
beforeAll(async () => {
  stack = await openStack({ workers: 0, env: inspected });
  for (let n = 0; n < 10; n++) guests.push(await caller(stack));
});
afterAll(() => stack?.stop());

/** Comes and goes: half of them before they have said who they are, half with a question on the way. */
async function comeAndGo(n: number): Promise<void> {
  const guest = guests[n % guests.length] as Knocker;
  const wire = await openWire({ url: stack.url, cookie: guest.visitor.cookie(), query: liveQuery('caller') });
  if (n % 2) {
    wire.text('40');
    await wire.waitFor('the connect', (t) => t.startsWith('40'));
    wire.text('421["caller.view",{}]');
    if (n % 4 === 1) await wire.waitFor('the answer', (t) => t.startsWith('431['));
  }
  if (n % 3 === 0) wire.tcp.resetAndDestroy();
  else wire.tcp.destroy();
  await wire.closed;
}
const churn = (count: number) => inLanes(Array.from({ length: count }), 10, (_, n) => comeAndGo(n));

test('[B23] thousands who come and go leave nothing behind: no connection, lease, listener or memory', async () => {
  await churn(1000);
  const before = await keptBytes(stack);
  const began = performance.now();
  await churn(connects);
  const seconds = (performance.now() - began) / 1000;
  expect(connects / seconds).toBeGreaterThan(50);
  await until('all are gone', async () => (await measuresOf(stack.url)).sockets === 0, 20_000);
  const grown = (await keptBytes(stack)) - before;
  console.log(
    `${connects} connects at ${(connects / seconds).toFixed(0)}/s: ${(grown / 1024).toFixed(0)} kB more kept`,
  );
  expect(grown).toBeLessThan(connects * 2048); // a leak of one listener or buffer each is more
  expect(stack.output()).not.toContain('MaxListenersExceededWarning');

  const redis = new Redis(stack.redisUrl);
  const database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
  try {
    // the lease of a tab is given back when it goes, and would run out by itself in 20 s
    await until('no tab holds a lease', async () => (await redis.keys('*:tab')).length === 0, 15_000);
    const { rows } = await database.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where wait_event = 'ClientRead' and state like 'idle in transaction%'`,
    );
    expect(rows[0]?.n).toBe(0);
  } finally {
    redis.disconnect();
    await database.end();
  }
  const wire = await openSocket(guests[0] as Knocker);
  expect(codeOf(await ask(wire, 'caller.view', '{}'))).toBe('ok');
  wire.tcp.destroy();
  expect(await knock(guests[1] as Knocker, 'caller.view')).toBeTruthy();
}, 90_000);
