import { randomBytes, randomUUID } from 'node:crypto';
import { removeParty } from '@hearthline/server/commands/parties/leaveConversation';
import { readConfig } from '@hearthline/server/config';
import { openDeps } from '@hearthline/server/deps';
import type { Message } from '@hearthline/shared/contracts/message';
import type { CallerView } from '@hearthline/shared/contracts/views';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must, until } from '../support/line.ts';
import { comesIn } from '../support/parties.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect } from '../support/sockets.ts';
import { done, talking } from '../support/talking.ts';
import { visitor, type Visitor } from '../support/visitor.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ servers: 2, seed: true, env: raisedLimits });
});
afterAll(() => stack?.stop());

type Heard = { name: string; payload: unknown; at: number };
/** Everything that is pushed to this person, in the order it came. */
async function listening(who: Visitor, as: 'staff' | 'caller', url: string): Promise<Heard[]> {
  const heard: Heard[] = [];
  const listen = (socket: { onAny(take: (name: string, payload: unknown) => void): void }) =>
    socket.onAny((name, payload) => heard.push({ name, payload, at: performance.now() }));
  if (!(await connect(who, as, { url, listen }))) throw new Error('no socket');
  return heard;
}
const messagesOf = (heard: Heard[]): Message[] =>
  heard.filter(({ name }) => name === 'message').map(({ payload }) => payload as Message);

/** Maya and a caller talk, and Ana has joined them from the second server; what is pushed to both on staff is kept. */
async function three(peer: string) {
  const [maya, caller, ana] = [visitor(stack), visitor(stack), visitor(stack, stack.urls[1])];
  await maya.signInAs(peer);
  await ana.signInAs('ana');
  const { conversationId } = await talking(maya, caller);
  const { deps, close } = await openDeps(readConfig(stack.env), 'worker');
  const { rows } = await deps.sql.query<{ id: string }>(`select id from staff where email = 'ana@demo.example'`, []);
  const partyId = rows[0]?.id ?? '';
  await comesIn(deps, conversationId, partyId);
  await close();
  const hers = await listening(ana, 'staff', stack.urls[1] ?? '');
  const mayas = await listening(maya, 'staff', stack.url);
  await until('both pages show the talk', async () =>
    [hers, mayas].every((of) => of.some(({ payload }) => JSON.stringify(payload ?? '').includes(conversationId))),
  );
  const talk = async () => {
    const view: CallerView = await done(caller, 'caller.view', {});
    if (view.stage !== 'talking') throw new Error(view.stage);
    return view.conversation;
  };
  const stored: { seq: number; epoch: number }[] = [];
  /** As a page: sealed anew while it is refused, which random bytes always are in this test. */
  async function send(): Promise<void> {
    for (;;) {
      const { epoch } = await talk();
      const [iv, ciphertext] = [12, 80].map((n) => randomBytes(n).toString('base64'));
      const message = { conversationId, clientId: randomUUID(), epoch, iv, ciphertext };
      const answer = (await caller.door('message.send', message)).body as { ok: boolean; value: { seq: number } };
      if (answer.ok) return void stored.push({ seq: answer.value.seq, epoch });
    }
  }
  const sendMany = (n: number) => Promise.all(Array.from({ length: n }, send));
  await sendMany(20);
  await until('she hears them', async () => messagesOf(hers).length === 20);
  const nothingMore = async () => {
    for (const [door, input] of [
      ['message.fetch', { conversationId, after: 0 }],
      ['key.get', { conversationId }],
      ['message.mark', { conversationId, delivered: 1, read: 1 }],
      ['media.join', { conversationId, canEncrypt: true }],
    ] as const)
      expect((await ana.door(door, input)).body, door).toMatchObject({ refusal: { code: 'conversation.gone' } });
  };
  return { maya, caller, ana, conversationId, partyId, hers, mayas, talk, stored, sendMany, nothingMore };
}

test('[I14][PA5] put out while a hundred messages are under way: nothing of after reaches the old socket on another node, nor doors', async () => {
  const { maya, caller, conversationId, partyId, hers, mayas, stored, sendMany, nothingMore } = await three('maya');
  const flood = sendMany(100);
  await done(caller, 'party.remove', { commandId: randomUUID(), conversationId, partyId });
  const removedAt = performance.now();
  await flood;
  expect(stored.some(({ epoch }) => epoch === 3)).toBe(true);
  // what came before Maya's page had heard of the new epoch is fetched by it
  expect((await done(maya, 'message.fetch', { conversationId, after: 0 })).messages).toHaveLength(120);
  await until('Maya hears what comes after', async () => messagesOf(mayas).some((m) => m.epoch === 3));
  expect(messagesOf(hers).filter((m) => m.epoch > 2)).toEqual([]);
  const told = ['message', 'marks', 'typing', 'heartbeat'];
  expect(hers.filter(({ name, at }) => at > removedAt + 1000 && told.includes(name))).toEqual([]);
  const last = hers.findLast(({ name }) => name === 'clinician.view')?.payload as { conversations: unknown[] };
  expect(last.conversations).toEqual([]);
  await nothingMore();
});

test('[I14][PA5] and where the word of it is lost between all processes', async () => {
  const { caller, conversationId, partyId, hers, talk, stored, sendMany, nothingMore } = await three('idris');
  const { deps, close } = await openDeps({ ...readConfig(stack.env), redisUrl: '/nowhere/at.all' }, 'worker');
  const [lineId] = deps.lines.all().map(({ id }) => id);
  const actor = { kind: 'caller' as const, id: (await talk()).me, lineId: lineId ?? '' };
  must(await removeParty(deps, actor, { commandId: randomUUID(), conversationId, partyId }));
  await close();
  await sendMany(20);
  expect(stored.filter(({ epoch }) => epoch === 3)).toHaveLength(20);
  expect((await done(caller, 'message.fetch', { conversationId, after: 20 })).messages).toHaveLength(20);
  await until(
    'her server has heard of them',
    async () => hers.some(({ name, payload }) => name === 'heartbeat' && JSON.stringify(payload).includes('40')),
    20_000,
  );
  expect(messagesOf(hers)).toHaveLength(20);
  await nothingMore();
});
