import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStack, type Stack } from '../support/services.ts';
import { DemoRefused, runDemo } from './demo/runDemo.ts';

let stack: Stack;
let pool: pg.Pool;
beforeAll(async () => {
  stack = await startStack({ seed: true });
  pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
});
afterAll(async () => {
  await pool?.end();
  await stack?.stop();
});
const env = (more: NodeJS.ProcessEnv = {}) => ({ ...stack.env, PORT: new URL(stack.url).port, ...more });
const never = new AbortController().signal;

test('simulated people talk to the end, wrap up and answer the survey, and leave nothing open', async () => {
  const stopping = new AbortController();
  const said: string[] = [];
  const count = await runDemo({
    env: env(),
    peers: 1,
    callers: 2,
    pace: 0.02,
    stop: AbortSignal.any([stopping.signal, AbortSignal.timeout(30_000)]),
    say(text) {
      said.push(text);
      if (text.includes('answered the survey')) stopping.abort();
    },
  });
  const { rows } = await pool.query<Record<string, number>>(
    `select (select count(*)::int from conversation where state = 'ended') as ended,
            (select count(*)::int from conversation where state = 'live') as live,
            (select max(last_seq)::int from conversation) as longest,
            (select count(*)::int from wrap_up where state = 'done') as wrap_ups,
            (select count(*)::int from wrap_up where state = 'due') as wrap_ups_due,
            (select count(*)::int from request where state in ('waiting', 'offered', 'matched')) as requests,
            (select count(*)::int from shift where ended_at is null) as shifts,
            (select count(*)::int from staff where email like 'simulated-%' and suspended_at is null) as simulated,
            (select count(*)::int from auth_session s join staff t on t.auth_user_id = s."userId" where t.email like 'simulated-%') as sessions,
            (select count(*)::int from survey) as surveys`,
  );
  const [left] = rows;
  expect(left, said.join('\n')).toMatchObject({
    live: 0,
    wrap_ups_due: 0,
    requests: 0,
    shifts: 0,
    simulated: 0,
    sessions: 0,
    surveys: count.finished,
  });
  expect(left?.['ended']).toBeGreaterThan(0);
  expect(left?.['wrap_ups']).toBe(left?.['ended']);
  expect(left?.['longest']).toBeGreaterThan(10);
  expect(left?.['surveys']).toBeGreaterThan(0);
}, 60_000);

test('simulated people stay away from anything but a demo on this machine', async () => {
  const refused = (more: NodeJS.ProcessEnv) =>
    expect(runDemo({ env: env(more), peers: 1, callers: 1, stop: never, say: () => {} })).rejects;
  await refused({ HEARTHLINE_ORIGIN: 'https://line.example.org' }).toThrow(DemoRefused);
  await refused({ DATABASE_URL: 'postgresql://app@db.example.org/app' }).toThrow(/another machine/);
  await refused({ DATABASE_URL: 'postgresql://app:secret@10.0.0.7:5432/app' }).toThrow(/another machine/);
  await refused({ HEARTHLINE_DATA_DIR: stack.env['HEARTHLINE_KEYS_DIR'] }).toThrow(/line of your own/);
});
