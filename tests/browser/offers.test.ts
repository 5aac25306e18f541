import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { askForChat, chromePath, goAvailable, openBrowser, person, shoot, signIn } from './people.ts';

let stack: Stack;
let browser: Browser;
let pool: pg.Pool;
type Person = Awaited<ReturnType<typeof person>>;

const offered = (page: Page) => page.getByRole('heading', { name: 'Someone is waiting for you' });
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor({ timeout: 20_000 });

describe.skipIf(!chromePath)('an offer that is not answered, or passed on', () => {
  const desks: Person[] = [];
  const callers: Person[] = [];
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 2 });
    pool.on('error', () => {}); // the database is dropped at the end
    await pool.query(`update line set config = jsonb_set(config, '{offerSeconds}', '10')`);
    await stack.restart('worker1');
    browser = await openBrowser();
    for (const email of ['maya@demo.example', 'idris@demo.example']) {
      const desk = await person(browser);
      await signIn(desk.page, stack.url, stack.dataDir, email);
      await goAvailable(desk.page);
      desks.push(desk);
    }
  });
  afterAll(async () => {
    for (const p of [...desks, ...callers]) {
      expect(p.errors).toEqual([]);
      expect(p.foreign).toEqual([]);
    }
    await browser?.close();
    await pool?.end();
    await stack?.stop();
  });
  const asks = async (name: string) => {
    const caller = await person(browser, { phone: true });
    callers.push(caller);
    await askForChat(caller.page, stack.url, name);
    return caller.page;
  };
  const firstOffered = async (): Promise<[Page, Page]> => {
    const pages = desks.map((d) => d.page) as [Page, Page];
    const at = await Promise.race(
      pages.map((page, i) =>
        offered(page)
          .waitFor()
          .then(() => i),
      ),
    );
    return at === 0 ? pages : [pages[1], pages[0]];
  };

  test('[P3][OF5][OF4] it arrives at once, runs out, goes on to the next with its age; the silent peer says when they are back', async () => {
    const fern = await asks('Fern');
    const [silent, next] = await firstOffered();
    const { rows } = await pool.query<{ ms: number }>(
      `select extract(epoch from o.made_at - r.first_joined_at)::float8 * 1000 as ms from offer o join request r on r.id = o.request_id`,
    );
    expect(rows[0]?.ms).toBeLessThan(1000);
    await silent.getByRole('timer').waitFor();
    await heading(fern, 'You are next');
    await shoot(fern, 'offer-caller-next-320-light');

    // nobody answers: back to the same place, and on to the other peer
    await offered(next).waitFor({ timeout: 20_000 });
    await silent.getByText('You are paused until you come back.').first().waitFor();
    await silent.getByText('An offer went to another peer, so we paused you. No mark against you.').waitFor();
    expect(await offered(silent).count()).toBe(0);
    await shoot(silent, 'offer-missed-1280-light');
    await heading(fern, 'You are next');

    // passed on: nobody is left to ask for the moment, and the caller is told the truth
    await next.getByRole('button', { name: /Not now/ }).click();
    await next.getByText('Passed on. You are still available.').waitFor();
    await heading(fern, 'You are first in line');

    // the silent peer says that they are back, and knows the person
    await silent.getByRole('radio', { name: 'Available' }).check();
    await offered(silent).waitFor();
    await silent.getByRole('button', { name: /I know them/ }).click();
    await silent.getByText('You will not be offered this person again.').waitFor();
    await heading(fern, 'You are first in line');

    // another caller comes: offered to a peer, while Fern keeps the first place and her age
    const before = await pool.query<{ at: Date }>(`select min(first_joined_at) as at from request`);
    const moss = await asks('Moss');
    const [peer] = await firstOffered();
    await peer.getByText('Moss').first().waitFor();
    await peer.locator('button:has-text("Accept"):not([aria-disabled="true"])').click();
    await moss
      .getByText(/is here/)
      .first()
      .waitFor();
    await heading(fern, 'You are first in line');
    expect((await pool.query<{ at: Date }>(`select min(first_joined_at) as at from request`)).rows).toEqual(
      before.rows,
    );

    // a caller who is gone takes the offer along
    await fern.getByRole('button', { name: 'Leave the line' }).click();
    await fern.getByRole('button', { name: 'Yes, leave the line' }).click();
    await heading(fern, 'You left the line.');
    const { rows: states } = await pool.query<{ state: string; n: number }>(
      `select state, count(*)::int as n from offer group by state order by state`,
    );
    expect(states).toEqual([
      { state: 'accepted', n: 1 },
      { state: 'declined', n: 2 },
      { state: 'expired', n: 1 },
    ]);
  });

  test('[RQ3] a caller who leaves while a peer is being asked: the offer is withdrawn in front of the peer', async () => {
    const wren = await asks('Wren');
    const [peer] = await firstOffered();
    await wren.getByRole('button', { name: 'Leave the line' }).click();
    await wren.getByRole('button', { name: 'Yes, leave the line' }).click();
    await peer.getByText('Wren is not waiting any more. You are still available.').waitFor();
    expect(await offered(peer).count()).toBe(0);
  });
});
