import { randomBytes, randomUUID } from 'node:crypto';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { createLane, openDeliveryPool } from '@hearthline/server/delivery/lane';
import { fetchMessages, handOutKeys, markUpTo } from '@hearthline/server/delivery/transcript';
import type { Message, SendMessage } from '@hearthline/shared/contracts/message';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());

const sealed = (conversationId: string, epoch = 1): SendMessage => ({
  conversationId,
  clientId: randomUUID(),
  epoch,
  iv: randomBytes(12).toString('base64'),
  ciphertext: randomBytes(80).toString('base64'),
});
const laneOf = (told: Message[] = []) =>
  createLane({ pool: line.deps.pool, clock: line.deps.clock, deliver: (m) => void told.push(...m) });

test('[DE3] numbers are gapless over two nodes, repeats have the first answer, other bytes are a conflict', async () => {
  const { caller, peer, conversationId } = await line.talk();
  const [one, two] = [laneOf(), laneOf()];
  const inputs = Array.from({ length: 120 }, () => sealed(conversationId));
  const answers = await Promise.all(
    inputs.flatMap((m, i) => [
      (i % 2 ? one : two).send(i % 3 ? caller.id : peer.id, m),
      (i % 2 ? two : one).send(i % 3 ? caller.id : peer.id, m), // the same again, through the other node
    ]),
  );
  const seqs = answers.map((a) => must(a).seq);
  inputs.forEach((_, i) => expect(seqs[2 * i]).toBe(seqs[2 * i + 1]));
  expect([...new Set(seqs)].sort((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
  const [first] = inputs;
  if (!first) throw new Error('no input');
  expect(await one.send(peer.id, { ...first, ciphertext: randomBytes(80).toString('base64') })).toEqual({
    ok: false,
    code: 'message.conflict',
  });
});

test('[DE3] in one burst a repeat, a conflict, a stale epoch and a stranger take down nobody else', async () => {
  const [one, two] = [await line.talk(), await line.talk()];
  const told: Message[] = [];
  const lane = laneOf(told);
  const known = sealed(one.conversationId);
  must(await lane.send(one.caller.id, known));
  const twice = sealed(two.conversationId);
  const [ok, refused] = [(seq: number) => ({ ok: true, value: { seq } }), (code: string) => ({ ok: false, code })];
  const burst: [string, SendMessage, object][] = [
    [one.caller.id, sealed(one.conversationId), ok(2)], // goes alone, the others are collected meanwhile
    [one.caller.id, sealed(one.conversationId), ok(3)],
    [one.caller.id, known, ok(1)],
    [one.peer.id, sealed(one.conversationId), ok(4)],
    [one.caller.id, { ...known, ciphertext: twice.ciphertext }, refused('message.conflict')],
    [two.caller.id, twice, ok(1)],
    [two.caller.id, twice, ok(1)],
    [one.caller.id, sealed(two.conversationId), refused('conversation.gone')],
    [two.peer.id, sealed(two.conversationId, 7), refused('message.staleEpoch')],
    [two.peer.id, sealed(two.conversationId), ok(2)],
  ];
  const answers = await Promise.all(burst.map(([sender, message]) => lane.send(sender, message)));
  burst.forEach(([, , expected], i) => expect(answers[i], `message ${i}`).toMatchObject(expected));
  await expect.poll(() => told.length).toBe(6);
  for (const { conversationId } of [one, two])
    expect(told.filter((m) => m.conversationId === conversationId).map((m) => m.seq)).toEqual(
      conversationId === one.conversationId ? [1, 2, 3, 4] : [1, 2],
    );
});

test('[DE4] a stranger, a stale epoch and an ended conversation are refused and nothing is stored', async () => {
  const { caller, peer, conversationId } = await line.talk();
  const told: Message[] = [];
  const lane = laneOf(told);
  expect(await lane.send(randomUUID(), sealed(conversationId))).toEqual({ ok: false, code: 'conversation.gone' });
  expect(await lane.send(caller.id, sealed(conversationId, 2))).toEqual({ ok: false, code: 'message.staleEpoch' });
  expect(await lane.send(caller.id, sealed(randomUUID()))).toEqual({ ok: false, code: 'conversation.gone' });
  const kept = sealed(conversationId);
  must(await lane.send(caller.id, kept));
  must(await endConversation(line.deps, peer, { commandId: randomUUID(), conversationId, reason: 'finished' }));
  expect(await lane.send(caller.id, sealed(conversationId))).toEqual({ ok: false, code: 'conversation.ended' });
  expect(must(await lane.send(caller.id, kept)).seq).toBe(1); // known ids are answered before the state is judged
  expect(told.map((m) => m.seq)).toEqual([1]);
});

test('somebody stands still while they hold a conversation: its messages are refused for now, in order, and others go on', async () => {
  const [stuck, other] = [await line.talk(), await line.talk()];
  const pool = openDeliveryPool(line.deps.config.databaseUrl);
  const holder = await line.deps.pool.connect();
  try {
    const lane = createLane({ pool, clock: line.deps.clock, deliver: () => {} });
    await holder.query('begin');
    await holder.query('select 1 from conversation where id = $1 for update', [stuck.conversationId]);
    const from = performance.now();
    const theirs = Array.from({ length: 5 }, () => sealed(stuck.conversationId));
    const answers = await Promise.all([
      ...theirs.map((m) => lane.send(stuck.caller.id, m)),
      ...Array.from({ length: 5 }, () => lane.send(other.caller.id, sealed(other.conversationId))),
    ]);
    expect(performance.now() - from).toBeLessThan(2000);
    const refused = { ok: false, code: 'server.busy' };
    expect(answers.slice(0, 5)).toEqual(Array(5).fill(refused));
    expect(answers.slice(5).map((a) => must(a).seq)).toEqual([1, 2, 3, 4, 5]);
    expect(await lane.send(stuck.caller.id, sealed(stuck.conversationId))).toEqual(refused); // alone too
    await holder.query('rollback');
    expect(must(await lane.send(stuck.caller.id, theirs[0] ?? sealed(stuck.conversationId))).seq).toBe(1);
  } finally {
    holder.release();
    await pool.end();
  }
});

test('[DE1][DE2][KY1] pages, marks and keys are for participants only, and each handing out is audited', async () => {
  const { caller, peer, conversationId } = await line.talk();
  const lane = laneOf();
  for (let i = 0; i < 5; i++) must(await lane.send(caller.id, sealed(conversationId)));
  const page = must(await fetchMessages(line.deps, peer, { conversationId, after: -7 }));
  expect(page.messages.map((m) => m.seq)).toEqual([1, 2, 3, 4, 5]);
  expect(must(await fetchMessages(line.deps, peer, { conversationId, after: 1e15, limit: 1e9 })).messages).toEqual([]);
  expect(must(await markUpTo(line.deps, peer, { conversationId, delivered: 99, read: 3 }))).toEqual({
    delivered: 5,
    read: 3,
  });
  expect(must(await markUpTo(line.deps, peer, { conversationId, delivered: 1, read: 1 }))).toEqual({
    delivered: 5,
    read: 3,
  });
  const stranger = await line.peer('Idris');
  for (const read of [
    fetchMessages(line.deps, stranger, { conversationId, after: 0 }),
    handOutKeys(line.deps, stranger, conversationId),
    markUpTo(line.deps, stranger, { conversationId, delivered: 1, read: 1 }),
  ]) {
    expect(await read).toEqual({ ok: false, code: 'conversation.gone' });
  }
  const [mine, theirs] = [
    must(await handOutKeys(line.deps, caller, conversationId)),
    must(await handOutKeys(line.deps, peer, conversationId)),
  ];
  expect(mine).toEqual(theirs);
  expect(Buffer.from(mine.keys[0]?.key ?? '', 'base64')).toHaveLength(32);
  const { rows } = await line.deps.sql.query<{ actor_id: string }>(
    `select actor_id from audit where action = 'key.handedOut' order by id`,
    [],
  );
  expect(rows.map((r) => r.actor_id)).toEqual([caller.id, peer.id]);
});

test('[DE3] what goes together keeps its own bytes, whatever their lengths', async () => {
  const { caller, peer, conversationId } = await line.talk();
  const lane = laneOf();
  const sent = Array.from({ length: 60 }, (_, i) => ({
    ...sealed(conversationId),
    ciphertext: randomBytes(20 + ((i * 137) % 700)).toString('base64'),
  }));
  await Promise.all(sent.map((m, i) => lane.send(i % 2 ? caller.id : peer.id, m)));
  const { messages } = must(await fetchMessages(line.deps, caller, { conversationId, after: 0 }));
  const bytes = (m: { clientId: string; iv: string; ciphertext: string }) => [m.clientId, m.iv, m.ciphertext];
  expect(new Map(messages.map((m) => [m.clientId, bytes(m)]))).toEqual(
    new Map(sent.map((m) => [m.clientId, bytes(m)])),
  );
});
