import { randomUUID } from 'node:crypto';
import { sweepDue } from '@hearthline/server/due/sweeper';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeAll(async () => void (line = await testLine()));
afterAll(() => line?.close());

test('[F41] a timer that cannot be done is tried five times, then parked with an alarm; the others go on', async () => {
  const { sql } = line.deps;
  const poison = randomUUID();
  const set = (kind: string, id: string) =>
    sql.query(`insert into due (kind, subject_id, due_at) values ($1, $2, now() - interval '1 minute')`, [kind, id]);
  const row = async () => {
    const { rows } = await sql.query<{ tries: number; seconds: number }>(
      `select tries, extract(epoch from due_at - now())::float8 as seconds from due where subject_id = $1`,
      [poison],
    );
    return rows[0] ?? { tries: -1, seconds: NaN };
  };
  await set('no.such', poison);
  for (const [tries, seconds] of [
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 600],
  ] as const) {
    await set('rest.over', randomUUID()); // of nobody: there is nothing to do, and it is done
    expect(await sweepDue(line.deps)).toBe(1);
    const after = await row();
    expect(after.tries).toBe(tries);
    expect(Math.abs(after.seconds - seconds)).toBeLessThan(1);
    expect(await sweepDue(line.deps)).toBe(0); // not before its time
    await sql.query(`update due set due_at = now() - interval '1 second' where subject_id = $1`, [poison]);
  }
  expect(await sweepDue({ ...line.deps, sql: failing(line) })).toBe(0);
  expect((await row()).tries).toBe(5); // a database that is away is no fault of the timer
});

/** The timers can be read, and all else times out. */
function failing({ deps: { sql } }: TestLine): TestLine['deps']['sql'] {
  return {
    query: (text, params) =>
      text.startsWith('select kind')
        ? sql.query(text, params)
        : Promise.reject(new Error('canceling statement due to statement timeout')),
  };
}
