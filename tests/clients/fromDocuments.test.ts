import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { CallerView, DeskView } from '@hearthline/shared/contracts/views';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { visitor, type Visitor } from '../support/visitor.ts';

/** A client as somebody would write it in another language: HTTP, JSON, AES-GCM, and the words of openapi.json. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ seed: true, env: raisedLimits });
});
afterAll(() => stack.stop());

type Header = { conversationId: string; epoch: number; senderId: string; clientId: string };
const aad = (h: Header) => Buffer.from(`hearthline/1|${h.conversationId}|${h.epoch}|${h.senderId}|${h.clientId}`);
function seal(key: string, h: Header, text: string) {
  const bytes = Buffer.from(text);
  const plain = Buffer.alloc(Math.ceil((4 + bytes.length) / 64) * 64);
  plain.writeUInt32BE(bytes.length);
  bytes.copy(plain, 4);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'base64'), iv).setAAD(aad(h));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { iv: iv.toString('base64'), ciphertext: sealed.toString('base64') };
}
function unseal(key: string, m: Header & { iv: string; ciphertext: string }): string {
  const sealed = Buffer.from(m.ciphertext, 'base64');
  const open = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64'), Buffer.from(m.iv, 'base64'));
  open.setAAD(aad(m)).setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([open.update(sealed.subarray(0, -16)), open.final()]);
  return plain.subarray(4, 4 + plain.readUInt32BE(0)).toString();
}

async function call<T>(who: Visitor, name: string, input: object, as: 'caller' | 'staff'): Promise<T> {
  const { body } = await who.door(name, input, { 'x-as': as });
  const answer = body as { ok: boolean; value: T };
  if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(body)}`);
  return answer.value;
}
type Keys = { keys: { epoch: number; key: string }[] };
type Page = { messages: (Header & { seq: number; iv: string; ciphertext: string })[] };

test('two clients written from the documents, over HTTP alone, meet, talk, and read each other', async () => {
  const caller = visitor(stack);
  const peer = visitor(stack);
  const line = (await caller.call('GET', '/api/line')).body as {
    value: { config: { slug: string; consent: { version: number } } };
  };
  const { slug, consent } = line.value.config;
  const given = { lineSlug: slug, version: consent.version, name: 'Wren' };
  expect((await caller.call('POST', '/api/caller/consent', { ...given, version: 999 })).status).toBe(409);
  expect((await caller.call('POST', '/api/caller/consent', { ...given, name: 'x'.repeat(41) })).status).toBe(400);
  expect((await caller.call('POST', '/api/caller/consent', given)).status).toBe(200);
  await peer.signInAs('maya');
  const command = () => ({ commandId: randomUUID() });
  await call(peer, 'shift.start', command(), 'staff');
  await call(peer, 'peer.setState', { ...command(), state: 'available' }, 'staff');
  await call(caller, 'request.open', command(), 'caller');
  const desk = () => call<DeskView>(peer, 'desk.view', {}, 'staff');
  await until('an offer', async () => (await desk()).offers.length === 1);
  const [offer] = (await desk()).offers;
  expect(offer?.name).toBe('Wren');
  const taken = await call<DeskView>(peer, 'offer.accept', { ...command(), offerId: offer?.id }, 'staff');
  const view = await call<CallerView>(caller, 'caller.view', {}, 'caller');
  if (view.stage !== 'talking') throw new Error(`the caller is ${view.stage}`);
  const { id: conversationId, epoch, me } = view.conversation;
  expect(taken.conversations.map((c) => c.id)).toEqual([conversationId]);

  const ends = [
    { who: caller, as: 'caller' as const, senderId: me, text: 'Hello, is somebody there? 🕯️' },
    { who: peer, as: 'staff' as const, senderId: taken.me.id, text: 'I am here.' },
  ];
  for (const { who, as, senderId, text } of ends) {
    const { keys } = await call<Keys>(who, 'key.get', { conversationId }, as);
    const key = keys.find((k) => k.epoch === epoch)?.key ?? '';
    const header = { conversationId, epoch, senderId, clientId: randomUUID() };
    const message = { conversationId, epoch, clientId: header.clientId, ...seal(key, header, text) };
    const sent = await call<{ seq: number }>(who, 'message.send', message, as);
    expect(await call(who, 'message.send', message, as), 'a repeat has the first answer').toEqual(sent);
  }
  for (const { who, as } of ends) {
    const { keys } = await call<Keys>(who, 'key.get', { conversationId }, as);
    const { messages } = await call<Page>(who, 'message.fetch', { conversationId, after: 0 }, as);
    expect(messages.map((m) => m.seq)).toEqual([1, 2]);
    expect(messages.map((m) => unseal(keys[0]?.key ?? '', { ...m, conversationId }))).toEqual(ends.map((e) => e.text));
  }

  const { code } = await call<{ code: string }>(caller, 'code.create', {}, 'caller');
  const elsewhere = visitor(stack);
  expect((await elsewhere.call('POST', '/api/caller/return', { code: 'no such code at all' })).status).toBe(404);
  expect((await elsewhere.call('POST', '/api/caller/return', { code })).status).toBe(200);
  expect((await call<CallerView>(elsewhere, 'caller.view', {}, 'caller')).stage).toBe('talking');
  expect((await caller.door('caller.view', {}, { 'x-as': 'caller' })).status).toBe(401);
});
