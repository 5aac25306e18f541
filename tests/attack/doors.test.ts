import { doors } from '@hearthline/shared/contracts/doors';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../support/services.ts';
import { visitor } from '../support/visitor.ts';
import { isDoor, targets, type Target } from './contracts.ts';
import { attacksOn, canary, textsFor } from './generate.ts';
import { measuresOf } from './measures.ts';
import { recordsOf } from './rows.ts';
import { knock, openStack, peerAtWork, post, staff, talkWith, type Knocker, type Talk } from './target.ts';

let stack: Stack;
let talk: Talk;
let database: pg.Pool;
const by = {} as Record<string, Knocker>;
const attacked = new Set<string>();
const answers: string[] = [];

beforeAll(async () => {
  stack = await openStack();
  database = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  talk = await talkWith(stack, await peerAtWork(stack, 'maya'));
  const [coordinator, clinician] = [await staff(stack, 'rosa'), await staff(stack, 'ana')];
  Object.assign(by, { caller: talk.caller, peer: talk.peer, coordinator, clinician });
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
});

const knockerAt = (target: Target): Knocker => {
  const found = by[target.by];
  if (!found) throw new Error(`nobody here may knock at ${target.name}: ${target.by}`);
  return found;
};
/** The refusals of bad shape: what cannot be read, and what is too long to be read. */
const malformed = ['400 input.malformed', '413 input.tooLarge'];

test.each(targets)('[B2][B5][B6][B7][B14][B19] $name: whatever has not its shape is refused', async (target) => {
  const before = await recordsOf(stack.databaseUrl);
  const attacks = attacksOn(target);
  expect(attacks.length).toBeGreaterThan(30);
  const passed: string[] = [];
  for (const { row, what, json } of attacks) {
    const { status, text, answer } = await post(knockerAt(target), target.path, json);
    answers.push(text);
    if (!malformed.includes(`${status} ${answer.refusal?.code}`))
      passed.push(`${row} ${what}: ${status} ${text.slice(0, 80)}`);
  }
  expect(passed).toEqual([]);
  expect(await recordsOf(stack.databaseUrl)).toEqual(before);
  attacked.add(target.name);
});

test.each(targets.filter((t) => textsFor(t).length > 0))(
  '[B3][B4][B7] $name: odd texts break nothing',
  async (target) => {
    const broke: string[] = [];
    for (const { row, what, json, words } of textsFor(target)) {
      const { status, text, answer } = await post(knockerAt(target), target.path, json);
      answers.push(text);
      const mustBeRefused = words && /^(NUL|zalgo|4001 letters) /.test(what);
      const refused = malformed.includes(`${status} ${answer.refusal?.code}`);
      if (mustBeRefused ? !refused : status >= 500) broke.push(`${row} ${what}: ${status} ${text}`);
    }
    expect(broke).toEqual([]);
  },
);

test('[B2][B6] every door of the contract was attacked, and whoever has a new one attacks it by naming it there', () => {
  const names = new Set(targets.map((t) => t.name));
  expect([...attacked].sort()).toEqual([...names].sort());
  expect([...new Set(targets.filter(isDoor).map((t) => t.name))]).toEqual(Object.keys(doors));
});

test('[B2] nothing that is heavy to read costs more than 50 ms of the processor', async () => {
  const target = targets.find((t) => t.name === 'survey.submit') as Target;
  const heavy = attacksOn(target).filter(({ json }) => json.length > 4000);
  expect(heavy.length).toBeGreaterThan(10);
  const costs: Record<string, number> = {};
  for (const { what, json } of heavy) {
    const before = await measuresOf(stack.url);
    for (let n = 0; n < 8; n++) await post(knockerAt(target), target.path, json);
    costs[what] = ((await measuresOf(stack.url)).cpuSeconds - before.cpuSeconds) * 125;
  }
  expect(Object.entries(costs).filter(([, ms]) => ms > 50)).toEqual([]);
});

test('[B3] a name in which nothing is to be seen is none, by form and by call', async () => {
  for (const name of ['\u200b\u200d', '\u2800', '\ufeff']) {
    const given = { lineSlug: 'riverbend', version: 1, name };
    expect((await post(talk.caller, '/api/caller/consent', JSON.stringify(given))).status).toBe(400);
    await visitor(stack).consent(name);
    const { rows } = await database.query(
      `select 1 from sealed_field where field = 'name' and owner_id = (select id from caller order by created_at desc limit 1)`,
    );
    expect(rows).toEqual([]);
  }
});

test('[B3][B5][B7] nothing of it came back or stands in a log, and the doors are as before', async () => {
  expect(answers.length).toBeGreaterThan(1000);
  expect(answers.filter((text) => text.includes(canary))).toEqual([]);
  expect(stack.output()).not.toContain(canary);
  expect(stack.output()).not.toMatch(/"level":(50|60)/);
  expect(stack.running('server1')).toBe(true);
  expect(await knock(talk.caller, 'caller.view')).toMatchObject({ stage: 'talking' });
});
