import { randomUUID } from 'node:crypto';
import { stretchSessions } from '@hearthline/server/due/longTalks';
import { sqlOf } from '@hearthline/server/storage/postgres/pool';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { done, talking } from '../support/talking.ts';
import { visitor } from '../support/visitor.ts';

let stack: Stack;
let pool: pg.Pool;
beforeAll(async () => {
  stack = await startStack({ seed: true, env: raisedLimits });
  pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
});
afterAll(async () => {
  await pool?.end();
  await stack?.stop();
});

test('[S2] twelve hours end a session, but never in the middle of a talk', async () => {
  const [maya, idris, caller] = [visitor(stack), visitor(stack), visitor(stack)];
  await maya.signInAs('maya');
  await idris.signInAs('idris');
  const { conversationId } = await talking(maya, caller);
  const left = async () => {
    const { rows } = await pool.query<{ email: string; seconds: number }>(
      `select s.email, extract(epoch from a."expiresAt" - now())::int as seconds
       from auth_session a join staff s on s.auth_user_id = a."userId" order by s.email`,
    );
    return new Map(rows.map((r) => [r.email.split('@')[0], r.seconds]));
  };
  for (const seconds of (await left()).values()) expect(Math.abs(seconds - 12 * 3600)).toBeLessThan(60);
  const nearTheEnd = () => pool.query(`update auth_session set "expiresAt" = now() + interval '90 seconds'`);
  await nearTheEnd();
  expect(await stretchSessions({ sql: sqlOf(pool) })).toBe(1);
  const after = await left();
  expect(after.get('maya')).toBeGreaterThan(500);
  expect(after.get('idris')).toBeLessThan(100);

  await done(maya, 'conversation.end', { commandId: randomUUID(), conversationId, reason: 'finished' });
  await nearTheEnd();
  expect(await stretchSessions({ sql: sqlOf(pool) })).toBe(0);
  await pool.query(`update auth_session set "expiresAt" = now() - interval '1 second'`);
  expect(await stretchSessions({ sql: sqlOf(pool) })).toBe(0); // what is over stays over
  expect((await maya.door('desk.view', {})).status).toBe(401);
});
