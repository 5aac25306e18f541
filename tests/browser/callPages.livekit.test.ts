import type { BrowserContext, Page } from 'playwright-core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { callStack } from './callStack.ts';
import { agreeOn, bothHear, endOf, hears, inChat, joinWhereAsked, tones } from './calling.ts';
import { chromePath, cutNetwork, refusedCall } from './people.ts';

const expected = [cutNetwork, refusedCall];
const stages = (...pages: Page[]): Promise<(string | null)[]> =>
  Promise.all(
    pages.map((page) =>
      page
        .locator('[data-stage]')
        .getAttribute('data-stage', { timeout: 1000 })
        .catch(() => null),
    ),
  );

/** From the next pages on, two of them ask at the very same moment whether the microphone is given: after that they join. */
async function inStep(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const real = navigator.permissions.query.bind(navigator.permissions);
    const both = new Promise<void>((done) => {
      const channel = new BroadcastChannel('together');
      channel.onmessage = ({ data }) => {
        if (data === 'here') channel.postMessage('too');
        done();
      };
      channel.postMessage('here');
    });
    navigator.permissions.query = async (asked) => {
      const answer = await real(asked);
      await both;
      const at = Math.ceil(Date.now() / 100 + 1) * 100;
      await new Promise((done) => setTimeout(done, at - Date.now() - 20));
      while (Date.now() < at); // to the millisecond
      return answer;
    };
  });
}

describe.skipIf(!chromePath)('one peer, two tabs of the desk', () => {
  const given = callStack();
  let pool: pg.Pool;
  beforeAll(() => {
    pool = new pg.Pool({ connectionString: given.stack().databaseUrl, max: 1 });
  });
  afterAll(() => pool?.end());
  /** How often somebody of the staff has taken a seat, and how often a room was left because of somebody in it. */
  const counted = async () => {
    const { rows } = await pool.query<{ joins: number; strangers: number }>(
      `select count(*) filter (where action = 'media.joined' and actor_kind = 'staff')::int as joins,
              count(*) filter (where action = 'media.strangerPutOut')::int as strangers from audit`,
    );
    return rows[0];
  };

  test('[ME2] both may join by themselves: one does, the other waits for a press, which takes the call over', async () => {
    const pair = await inChat(given.browser(), given.stack(), 'Maya', { expected });
    const { caller, desk } = pair;
    const other = await desk.context.newPage();
    await other.goto(`${given.stack().url}/staff/desk`);
    await other.getByRole('textbox', { name: /^Write to/ }).waitFor();
    await agreeOn(desk.page, caller.page, 'Talk instead', 'Yes, talk');
    await Promise.all([joinWhereAsked(caller.page), joinWhereAsked(desk.page)]);
    await bothHear(pair);
    expect((await counted())?.joins).toBe(1);

    await inStep(desk.context);
    for (let loads = 1; loads <= 3; loads++) {
      await Promise.all([desk.page.reload(), other.reload()]);
      await until('one is in the call, the other could be', async () =>
        ['in,ready', 'ready,in'].includes((await stages(desk.page, other)).join()),
      );
      await hears(caller.page, tones.peer);
      expect(await counted()).toEqual({ joins: 1 + loads, strangers: 0 });
    }

    const [first] = await stages(desk.page, other);
    const [inside, outside] = first === 'in' ? [desk.page, other] : [other, desk.page];
    await outside.getByRole('button', { name: 'Join with sound' }).click();
    await until('the call is where it was pressed', async () => (await stages(inside, outside)).join() === 'away,in');
    await Promise.all([hears(caller.page, tones.peer), hears(outside, tones.caller)]);

    await inside.reload(); // stepping back is not turned round by that
    await until('it stays away', async () => (await stages(inside, outside)).join() === 'away,in');
    await inside.getByRole('button', { name: 'Back to the call' }).click();
    await until('and back', async () => (await stages(inside, outside)).join() === 'in,away');
    await hears(caller.page, tones.peer);
    expect((await counted())?.strangers).toBe(0);
    await inside.close();
    await endOf({ caller, desk: { ...desk, page: outside } });
  });
});
