import { randomBytes, randomUUID } from 'node:crypto';
import type { MessagePage } from '@hearthline/shared/contracts/message';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import type { Stack } from '../support/services.ts';
import { inspected, keptBytes, measuresOf } from './measures.ts';
import { knock, openStack, peerAtWork, talkWith, type Talk } from './target.ts';
import { ask, openSocket } from './wire.ts';

let stack: Stack;
let talk: Talk;
beforeAll(async () => {
  stack = await openStack({ env: inspected });
  talk = await talkWith(stack, await peerAtWork(stack, 'maya'));
});
afterAll(() => stack?.stop());

/** As long as a message may be. */
const send = () =>
  knock<{ seq: number }>(talk.caller, 'message.send', {
    conversationId: talk.conversationId,
    clientId: randomUUID(),
    epoch: 1,
    iv: randomBytes(12).toString('base64'),
    ciphertext: randomBytes(24_000).toString('base64'),
  });

test('[B20] a page has a size as well as a number, whatever is asked for', async () => {
  for (let n = 1; n <= 20; n++) expect((await send()).seq).toBe(n);
  const pages: number[] = [];
  for (let after = 0; after < 20;) {
    const page = await knock<MessagePage>(talk.peer, 'message.fetch', {
      conversationId: talk.conversationId,
      after,
      limit: 1_000_000,
    });
    expect(JSON.stringify(page).length).toBeLessThan(192 * 1024);
    expect(page.messages[0]?.seq).toBe(after + 1);
    expect(page.lastSeq).toBe(20);
    pages.push(page.messages.length);
    after = page.messages.at(-1)?.seq ?? 20;
  }
  expect(pages.length).toBeGreaterThan(3);
  const at = async (after: number) =>
    (await knock<MessagePage>(talk.peer, 'message.fetch', { conversationId: talk.conversationId, after })).messages[0]
      ?.seq;
  expect([await at(-1), await at(Number.MIN_SAFE_INTEGER), await at(20), await at(Number.MAX_SAFE_INTEGER)]).toEqual([
    1,
    1,
    undefined,
    undefined,
  ]);
});

test('[B22] whoever stops reading is cut off when 256 kB wait for them, and has everything when they come back', async () => {
  const before = await keptBytes(stack);
  const reader = await openSocket(talk.peer);
  await until('it is in the room', async () => reader.heard.some((t) => t.includes('"desk.view"')));
  reader.tcp.pause();
  const calls = 150;
  for (let n = 0; n < calls; n++)
    reader.text(`42${n}["message.fetch",{"conversationId":"${talk.conversationId}","after":0}]`); // some 20 MB of answers
  await until('the server has let go of it', async () => (await measuresOf(stack.url)).sockets === 0, 15_000);
  expect((await keptBytes(stack)) - before).toBeLessThan(8 * 1024 * 1024);
  reader.tcp.destroy();

  const { seq } = await send();
  const back = await openSocket(talk.peer);
  const answer = await ask(
    back,
    'message.fetch',
    JSON.stringify({ conversationId: talk.conversationId, after: seq - 1 }),
  );
  expect((answer.value as MessagePage).messages.map((m) => m.seq)).toEqual([seq]);
  back.tcp.destroy();
}, 60_000);
