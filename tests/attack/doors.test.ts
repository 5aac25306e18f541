import { doors } from '@hearthline/shared/contracts/doors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../support/services.ts';
import { isDoor, targets, type Target } from './contracts.ts';
import { attacksOn, canary, textsFor } from './generate.ts';
import { recordsOf } from './rows.ts';
import { knock, openStack, peerAtWork, post, staff, talkWith, type Knocker, type Talk } from './target.ts';

let stack: Stack;
let talk: Talk;
const by = {} as Record<string, Knocker>;
const attacked = new Set<string>();
const answers: string[] = [];

beforeAll(async () => {
  stack = await openStack();
  talk = await talkWith(stack, await peerAtWork(stack, 'maya'));
  Object.assign(by, { caller: talk.caller, peer: talk.peer, coordinator: await staff(stack, 'rosa') });
});
afterAll(() => stack?.stop());

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
    for (const { row, what, json } of textsFor(target)) {
      const { status, text } = await post(knockerAt(target), target.path, json);
      answers.push(text);
      if (status >= 500) broke.push(`${row} ${what}: ${status} ${text}`);
    }
    expect(broke).toEqual([]);
  },
);

test('[B2][B6] every door of the contract was attacked, and whoever has a new one attacks it by naming it there', () => {
  expect([...attacked].sort()).toEqual(targets.map((t) => t.name).sort());
  expect(targets.filter(isDoor).map((t) => t.name)).toEqual(Object.keys(doors));
});

test('[B3][B5][B7] nothing of it came back or stands in a log, and the doors are as before', async () => {
  expect(answers.length).toBeGreaterThan(1000);
  expect(answers.filter((text) => text.includes(canary))).toEqual([]);
  expect(stack.output()).not.toContain(canary);
  expect(stack.output()).not.toMatch(/"level":(50|60)/);
  expect(stack.running('server1')).toBe(true);
  expect(await knock(talk.caller, 'caller.view')).toMatchObject({ stage: 'talking' });
});
