import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { act } from '@hearthline/server/commands/command';
import { system } from '@hearthline/server/policies/actor';
import { isOutage } from '@hearthline/server/storage/postgres/outage';
import { openHotPool, openPool } from '@hearthline/server/storage/postgres/pool';
import { expect, test } from 'vitest';
import { testLine } from '../support/line.ts';
import { freshDatabase } from '../support/services.ts';

const pools = [
  ['for statements', openPool],
  ['for hot statements', openHotPool],
] as const;
/** Nothing of this process runs meanwhile, as when it is stopped. */
const freeze = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test.each(pools)(
  '[B34] a session that the database ends in the middle of a transaction ends no process (%s)',
  async (_, open) => {
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
  },
);

test.each(pools)('[F5] rows of a transaction that nobody goes on with are free again (%s)', async (_, open) => {
  const database = await freshDatabase();
  const pool = open(database.url, 2, { idleMs: 200 });
  await pool.query('create table place (taken int)');
  await pool.query('insert into place values (0)');
  const frozen = await pool.connect();
  await frozen.query('begin');
  await frozen.query('update place set taken = taken + 1');
  await pool.query('update place set taken = taken + 10'); // waits for the row
  const failure = await frozen.query('commit').catch((e: unknown) => e);
  expect(isOutage(failure), String(failure)).toBe(true);
  frozen.release();
  expect((await pool.query('select taken from place')).rows).toEqual([{ taken: 10 }]);
  await pool.end();
  await database.drop();
});

test('[F5] a process that was frozen in the middle of an act comes back, is told that it failed for now, and does it again', async () => {
  const line = await testLine();
  const acts = openHotPool(line.deps.config.databaseUrl, 2, { idleMs: 200 });
  const commandId = randomUUID();
  const once = (ms: number) =>
    act({ ...line.deps, acts }, { name: 'test.freeze', actor: system, commandId }, async (tx) => {
      tx.audit('test.frozen', line.lineId, null);
      await tx.query('select 1', []);
      freeze(ms);
      return 'done';
    });
  const failure = await once(1000).catch((e: unknown) => e);
  expect(isOutage(failure), String(failure)).toBe(true);
  expect(await once(0)).toEqual({ ok: true, value: 'done' });
  const { rows } = await line.deps.sql.query(`select 1 from audit where action = 'test.frozen'`, []);
  expect(rows).toHaveLength(1);
  await acts.end();
  await line.close();
});
