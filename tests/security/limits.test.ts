import { randomUUID } from 'node:crypto';
import { createSignInLimits } from '@hearthline/server/http/signInLimits';
import { createLimits } from '@hearthline/server/doors/limits';
import { readConfig } from '@hearthline/server/config';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { knocker } from '../access/doorRows.ts';
import { testLine, type TestLine } from '../support/line.ts';
import { programEnv, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { accountOf, codeOf, staffBrowser, wrongCodeFor } from '../support/staffBrowser.ts';

const behindProxy = { HEARTHLINE_TRUST_PROXY: '1' };
let stack: Stack;
let line: TestLine;
beforeAll(async () => {
  [stack, line] = await Promise.all([
    startStack({ workers: 0, seed: true, env: behindProxy }),
    testLine({}, { HEARTHLINE_KEYS_PER_STAFF_10_MIN: '3' }),
  ]);
});
afterAll(async () => {
  await stack?.stop();
  await line?.close();
});
const from = (network: string) => staffBrowser(stack.url, { 'x-forwarded-for': network });

test('[S16] guesses from outside stop, and shut nobody out who is on another network', async () => {
  const maya = accountOf(stack, 'maya');
  const attacker = from('198.51.100.7');
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++)
    statuses.push((await attacker.auth('sign-in/email', { email: maya.email, password: `wrong ${n}` })).status);
  expect(statuses.slice(0, 8)).toEqual(Array(8).fill(401));
  expect(statuses.slice(8)).toEqual(Array(4).fill(429));
  const own = from('203.0.113.20');
  await own.signIn(maya);
  expect(await own.door('desk.view')).toBe('ok');
});

test('[S2][S16] code guesses of neighbours on one network do not keep a locked screen locked; those of its own session stop', async () => {
  const maya = accountOf(stack, 'maya');
  const office = '203.0.113.30';
  const own = from(office);
  await own.signIn(maya);
  await own.auth('staff/lock', {});
  const neighbour = from(office);
  const guesses: number[] = [];
  for (let n = 0; n < 14; n++)
    guesses.push((await neighbour.auth('two-factor/verify-totp', { code: '000000' })).status);
  expect(guesses.at(-1)).toBe(429);
  expect((await own.auth('staff/unlock', { code: codeOf(maya.secret) })).status).toBe(200);
  await own.auth('staff/lock', {});
  const unlocks: number[] = [];
  for (let n = 0; n < 12; n++)
    unlocks.push((await own.auth('staff/unlock', { code: wrongCodeFor(maya.secret) })).status);
  expect(unlocks.at(-1)).toBe(429);
});

test('[S5][S16] who knows the password has a bounded number of codes, over all networks together', async () => {
  const idris = accountOf(stack, 'idris');
  let tried = 0;
  for (let network = 1; network <= 6; network++) {
    const thief = from(`198.51.${network}.9`);
    expect((await thief.auth('sign-in/email', { email: idris.email, password: idris.password })).status).toBe(200);
    for (let n = 0; n < 10; n++)
      if ((await thief.auth('two-factor/verify-totp', { code: wrongCodeFor(idris.secret) })).status === 401) tried++;
  }
  expect(tried).toBeGreaterThan(5);
  expect(tried).toBeLessThanOrEqual(36);
});

test('[S16] the wide count of an account does not touch a network that the right password came from', async () => {
  const { limits } = readConfig(programEnv({ databaseUrl: 'x', redisUrl: 'x', folder: 'x' }));
  const guard = createSignInLimits({ limits });
  expect(await guard.password('home', 'maya@x.org')).toBe(true);
  guard.passwordWasRight('home', 'Maya@x.org');
  const many: boolean[] = [];
  for (let n = 0; n < 200; n++) many.push(await guard.password(`botnet ${n}`, 'maya@x.org'));
  expect(many.filter(Boolean).length).toBe(95); // 8 × 12 an hour, one of them from home
  expect(await guard.password('home', 'maya@x.org')).toBe(true);
});

test('[S36] key hand-outs of a staff member are capped, with one alarm that is written down', async () => {
  const { peer, caller, conversationId } = await line.talk();
  const { code } = knocker(line.deps);
  const asked: string[] = [];
  for (let n = 0; n < 6; n++) asked.push(await code(peer, 'key.get', { conversationId }));
  expect(asked).toEqual(['ok', 'ok', 'ok', 'rate.slowDown', 'rate.slowDown', 'rate.slowDown']);
  const { rows } = await line.deps.sql.query<{ action: string; n: number }>(
    `select action, count(*)::int as n from audit where actor_id = $1 and action like 'key.%' group by 1 order by 1`,
    [peer.id],
  );
  expect(rows).toEqual([
    { action: 'key.capReached', n: 1 },
    { action: 'key.handedOut', n: 3 },
  ]);
  for (let n = 0; n < 5; n++) expect(await code(caller, 'key.get', { conversationId })).toBe('ok'); // their own, only
  const [one, other] = [createLimits(line.deps), createLimits(line.deps)];
  const [staffId, nobody] = [randomUUID(), randomUUID()];
  expect(await Promise.all([one, other, one, other].map((node) => node.keysPastCap(staffId)))).toEqual([0, 0, 0, 1]);
  const { redis } = line.deps;
  const { status } = redis;
  redis.status = 'reconnecting';
  const alone = [one, one, one, one, other].map((node) => node.keysPastCap(nobody));
  expect(await Promise.all(alone)).toEqual([0, 0, 0, 1, 0]); // each for itself
  redis.status = status;
  const config = readConfig(programEnv({ databaseUrl: 'x', redisUrl: 'x', folder: 'x' }, raisedLimits));
  const raised = createLimits({ ...line.deps, config });
  for (let n = 0; n < 500; n++) expect(await raised.keysPastCap(randomUUID())).toBe(0);
});
