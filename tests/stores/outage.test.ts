import { setImmediate } from 'node:timers/promises';
import { isOutage } from '@hearthline/server/storage/postgres/outage';
import { openHotPool, openPool } from '@hearthline/server/storage/postgres/pool';
import { expect, test } from 'vitest';
import { freshDatabase } from '../support/services.ts';

test.each([
  ['for statements', openPool],
  ['for hot statements', openHotPool],
])('[B34] a session that the database ends in the middle of a transaction ends no process (%s)', async (_, open) => {
  const database = await freshDatabase();
  const pool = open(database.url, 2);
  const client = await pool.connect();
  const ended = new Promise((done) => client.once('end', done));
  await client.query('begin');
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  await ended; // an error that nobody hears of is one of the test run
  await setImmediate();
  const failure = await client.query('select 1').catch((e: unknown) => e);
  expect(isOutage(failure), String(failure)).toBe(true);
  client.release();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
  await database.drop();
});
