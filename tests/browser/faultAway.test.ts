import pg from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import {
  accept,
  askForChat,
  atDesk,
  axe,
  chromePath,
  cutNetwork,
  offerTitle,
  openBrowser,
  part,
  person,
  shoot,
  type Person,
} from './people.ts';

let stack: Stack;
let browser: Browser;
let pool: pg.Pool;
let desk: Person;
const holdSeconds = 8;
const peerBackSeconds = 6;
const expected = [cutNetwork];

async function waits(name: string): Promise<Person> {
  const caller = await person(browser, { phone: true, expected });
  await askForChat(caller.page, stack.url, name);
  await caller.page.getByRole('heading', { name: /in line|You are next/ }).waitFor();
  return caller;
}
const idris = (state: 'Available' | 'Break') => desk.page.getByRole('radio', { name: state }).check();
async function leaves(caller: Person): Promise<void> {
  await caller.page.getByRole('button', { name: 'Leave the line' }).click();
  await caller.page.getByRole('button', { name: 'Yes, leave the line' }).click();
  await caller.page.getByRole('heading', { name: 'You left the line.' }).waitFor();
  await part(caller);
}
/** The newest request's state, as the record has it. */
async function newest(): Promise<{ state: string; absent: boolean }> {
  const { rows } = await pool.query<{ state: string; absent: boolean }>(
    'select state, absent_since is not null as absent from request order by first_joined_at desc limit 1',
  );
  return rows[0] ?? { state: 'none', absent: false };
}

/** What takes 60 s and 10 minutes in the product takes seconds here; the way is the same. */
describe.skipIf(!chromePath)('what people see when somebody is gone', () => {
  beforeAll(async () => {
    const times = {
      HEARTHLINE_HOLD_SECONDS: String(holdSeconds),
      HEARTHLINE_PEER_BACK_SECONDS: String(peerBackSeconds),
    };
    stack = await startStack({ seed: true, env: { ...raisedLimits, ...times } });
    pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
    browser = await openBrowser();
    desk = await atDesk(browser, stack, 'idris@demo.example', { expected });
  });
  afterAll(async () => {
    await pool?.end();
    await browser?.close();
    await stack?.stop();
  });

  test('[F26] a tab closed in line: never offered meanwhile, and the place goes when nobody comes back', async () => {
    await idris('Break');
    const gone = await waits('Heron');
    await gone.page.goto('about:blank'); // closes the page as the close of a tab does
    await until('absent', async () => (await newest()).absent);
    await idris('Available');
    await until('the place is given up', async () => (await newest()).state === 'lapsed', (holdSeconds + 15) * 1000);
    expect(await desk.page.getByRole('heading', { name: offerTitle }).count()).toBe(0);
    const { rows } = await pool.query(
      'select 1 from offer where request_id = (select id from request order by first_joined_at desc limit 1)',
    );
    expect(rows).toEqual([]);
    const next = await waits('Moss'); // who is there is offered
    await desk.page.getByRole('heading', { name: offerTitle }).waitFor();
    await leaves(next);
    await part(gone);
  });

  test('[F28] the phone sleeps in line: on waking it is still there, or is told kindly that the place is gone', async () => {
    await idris('Break');
    const caller = await waits('Wren');
    const phone = await caller.context.newCDPSession(caller.page);
    const sleep = async (state: 'frozen' | 'active') => {
      await caller.context.setOffline(state === 'frozen');
      await phone.send('Page.setWebLifecycleState', { state });
    };
    await sleep('frozen'); // a moment
    await new Promise((done) => setTimeout(done, 2000));
    await sleep('active');
    await caller.page.getByRole('heading', { name: /in line|You are next/ }).waitFor();
    expect((await newest()).state).toBe('waiting');

    await sleep('frozen'); // long
    await until('the place is given up', async () => (await newest()).state === 'lapsed', (holdSeconds + 40) * 1000);
    await sleep('active');
    await caller.page.getByRole('heading', { name: 'We could not hold your place any longer.' }).waitFor();
    await caller.page.getByText('You can ask again; nobody minds.').waitFor();
    await shoot(caller.page, 'fault-lapsed-320');
    expect(await axe(caller.page)).toEqual([]);
    await part(caller);
  });

  test('[F25] the peer is gone in a talk: told, asked, and with no choice made first in line', async () => {
    await idris('Break');
    const maya = await atDesk(browser, stack, 'maya@demo.example', { expected });
    const caller = await waits('Sparrow');
    await accept(maya.page);
    await caller.page.getByRole('textbox', { name: 'Write to Maya' }).waitFor();
    await maya.context.close(); // the laptop is shut
    await caller.page.getByText('We lost Maya’s connection.').first().waitFor();
    await caller.page.getByRole('button', { name: 'Someone else now' }).waitFor();
    await shoot(caller.page, 'fault-peer-gone-320');
    expect(await axe(caller.page)).toEqual([]);
    await idris('Available');
    await desk.page.getByRole('heading', { name: offerTitle }).waitFor({ timeout: (peerBackSeconds + 20) * 1000 });
    await accept(desk.page);
    await caller.page.getByRole('textbox', { name: 'Write to Idris' }).waitFor();
    await part(caller);
  });
});
