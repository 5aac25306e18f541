import { randomUUID } from 'node:crypto';
import { leaveConversation } from '@hearthline/server/commands/parties/leaveConversation';
import { readConfig } from '@hearthline/server/config';
import { openDeps } from '@hearthline/server/deps';
import type { StaffActor } from '@hearthline/server/policies/actor';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, until } from '../support/line.ts';
import { comesIn } from '../support/parties.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { accept, askForChat, atDesk, bubbles, chromePath, openBrowser, part, person, refusedCall } from './people.ts';

let stack: Stack;
let browser: Browser;
const each = 40;
const rounds = 8;

describe.skipIf(!chromePath)('who is in a talk changes while people write', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  /** As fast as a page lets anybody: nothing waits for an answer. */
  async function writes(page: Page, who: string): Promise<void> {
    const field = page.getByRole('textbox', { name: /^Write to/ });
    for (let i = 0; i < each; i++) {
      await field.fill(`${who} ${i}`);
      await field.press('Enter');
    }
  }

  test('[PA2][DE3] eight comings and goings while both write: every word is there once, in one order, on both pages', async () => {
    const desk = await atDesk(browser, stack, 'maya@demo.example', { expected: [refusedCall] });
    const caller = await person(browser, { expected: [refusedCall] });
    await askForChat(caller.page, stack.url, 'Sparrow');
    await accept(desk.page);
    const { deps, close } = await openDeps(readConfig(stack.env), 'worker');
    const { rows } = await deps.sql.query<{ id: string; ana: string }>(
      `select c.id, s.id as ana from conversation c, staff s where c.state = 'live' and s.email = 'ana@demo.example'`,
      [],
    );
    const [{ id, ana } = { id: '', ana: '' }] = rows;
    const her: StaffActor = { kind: 'staff', id: ana, name: 'Ana', roles: ['clinician'], lineIds: [], locked: false };
    const stored = async () =>
      (await deps.sql.query<{ seq: number }>('select last_seq::int as seq from conversation where id = $1', [id]))
        .rows[0]?.seq ?? 0;
    /** Somebody writes under each epoch, as long as there is something to write. */
    const said = async () => {
      const before = await stored();
      await until('more is said', async () => (await stored()) > Math.min(before, 2 * each - 1));
    };
    const comeAndGo = async () => {
      for (let round = 0; round < rounds; round++) {
        await comesIn(deps, id, ana);
        await said();
        must(await leaveConversation(deps, her, { commandId: randomUUID(), conversationId: id }));
        await said();
      }
    };
    await Promise.all([writes(caller.page, 'caller'), writes(desk.page, 'peer'), comeAndGo()]);
    const all = await Promise.all(
      [caller.page, desk.page].map(async (page) => {
        await until('every word has arrived', async () => (await bubbles(page)).length >= 2 * each, 30_000);
        await until('nothing is on its way', async () => (await page.locator('.msg-sending').count()) === 0, 30_000);
        return bubbles(page);
      }),
    );
    const words = (who: string) => Array.from({ length: each }, (_, i) => `${who} ${i}`);
    for (const seen of all) {
      expect(seen.filter((w) => w.startsWith('caller'))).toEqual(words('caller'));
      expect(seen.filter((w) => w.startsWith('peer'))).toEqual(words('peer'));
      expect(seen).toHaveLength(2 * each);
    }
    expect(all[0]).toEqual(all[1]);
    const epochs = await deps.sql.query<{ n: number; epoch: number }>(
      `select count(distinct m.epoch)::int as n, max(c.epoch)::int as epoch from message m join conversation c on c.id = m.conversation_id`,
      [],
    );
    expect(epochs.rows[0]?.epoch).toBe(1 + 2 * rounds);
    expect(epochs.rows[0]?.n).toBeGreaterThan(rounds);
    await close();
    await part(caller, desk);
  });
});
