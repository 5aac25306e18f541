import { randomUUID } from 'node:crypto';
import type { SignIn } from '@hearthline/shared/contracts/pageServices';
import { ownSessions } from '@hearthline/server/auth/ownSessions';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect } from '../support/sockets.ts';
import { visitor, type Visitor } from '../support/visitor.ts';

let stack: Stack;
let pool: pg.Pool;
beforeAll(async () => {
  stack = await startStack({ servers: 2, workers: 0, seed: true, env: raisedLimits });
  pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
});
afterAll(async () => {
  await pool?.end();
  await stack?.stop();
});

const end = async (who: Visitor, session: string) => {
  const { status, body } = await who.call('POST', '/api/auth/staff/sessions/end', { session });
  const answer = body as { value?: { ended: number }; refusal?: { code: string } };
  return answer.refusal?.code ?? `${status} ${answer.value?.ended}`;
};
const idOf = async (who: Visitor): Promise<string> => {
  const token = decodeURIComponent(/hl_staff=([^;]+)/.exec(who.cookie())?.[1] ?? '').split('.')[0];
  const { rows } = await pool.query<{ id: string }>('select id from auth_session where token = $1', [token]);
  return rows[0]?.id ?? '';
};
const signedIn = async (name: string, url?: string) => {
  const who = visitor(stack, url);
  await who.signInAs(name);
  return who;
};

test('[S4] a person sees their own sessions, ends one or all others, and never somebody else’s', async () => {
  const [here, there, phone] = [await signedIn('maya'), await signedIn('maya', stack.urls[1]), await signedIn('maya')];
  const stranger = await signedIn('idris');
  const list = (who: Visitor) => idOf(who).then((id) => ownSessions(pool, id));
  expect((await list(here)).map((s: SignIn) => [s.here, s.userAgent])).toEqual([
    [true, 'node'],
    [false, 'node'],
    [false, 'node'],
  ]);
  const open = await connect(there, 'staff');

  expect(await end(here, await idOf(stranger))).toBe('200 0'); // as if there were none
  expect((await stranger.get('/staff/desk')).status).toBe(200);
  for (const odd of [randomUUID(), '%', "' or 1=1"]) expect(await end(here, odd)).toBe('200 0');
  expect(await end(here, await idOf(here))).toBe('200 0'); // that is signing out

  const since = performance.now();
  expect(await end(here, await idOf(there))).toBe('200 1');
  expect(await open?.closed).toBe('io server disconnect');
  expect(performance.now() - since).toBeLessThan(5000);
  expect((await there.door('desk.view', {})).status).toBe(401);
  expect(await end(here, 'others')).toBe('200 1');
  expect((await phone.get('/staff/desk')).location).toBe('/staff/sign-in');
  expect(await list(here)).toHaveLength(1);
  expect((await here.get('/staff/sessions')).text).toContain('this browser');
  const written = await pool.query(`select 1 from audit where action = 'session.ended'`);
  expect(written.rowCount).toBe(2);
});

test('[S4] nobody without a session, and nobody at a locked screen', async () => {
  expect(await end(visitor(stack), 'others')).toBe('auth.required');
  const [rosa, twin] = [await signedIn('rosa'), await signedIn('rosa')];
  await rosa.call('POST', '/api/auth/staff/lock', {});
  expect(await end(rosa, 'others')).toBe('session.locked');
  expect((await rosa.get('/staff/sessions')).location).toBe('/staff/board');
  expect((await twin.get('/staff/board')).status).toBe(200);
});
