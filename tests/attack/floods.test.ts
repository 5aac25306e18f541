import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inLanes } from '../load/ending.ts';
import { until } from '../support/line.ts';
import { startStack, type Stack } from '../support/services.ts';
import { measuresOf } from './measures.ts';
import {
  caller,
  codeOf,
  command,
  knock,
  peerAtWork,
  post,
  talkWith,
  type Answer,
  type Knocker,
  type Talk,
} from './target.ts';
import { ask, frame, liveQuery, openSocket, openWire, type Wire } from './wire.ts';

/** With the limits as they are delivered: nothing is raised here. */
let stack: Stack;
let talk: Talk;
beforeAll(async () => {
  stack = await startStack({ seed: true });
  talk = await talkWith(stack, await peerAtWork(stack, 'maya'));
});
afterAll(() => stack?.stop());

const message = (conversationId = talk.conversationId) =>
  JSON.stringify({
    conversationId,
    clientId: randomUUID(),
    epoch: 1,
    iv: randomBytes(12).toString('base64'),
    ciphertext: randomBytes(80).toString('base64'),
  });
const answersOf = (wire: Wire): Answer[] =>
  wire.heard.filter((t) => t.startsWith('43')).map((t) => (JSON.parse(t.slice(t.indexOf('['))) as [Answer])[0]);
const counts = (wire: Wire): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const answer of answersOf(wire)) found[codeOf(answer)] = (found[codeOf(answer)] ?? 0) + 1;
  return found;
};
const isWell = async (who: Knocker) => expect((await post(who, '/api/doors/caller.view', '{}')).status).toBe(200);

test('[B21] "is writing" a hundred times a second is told once in a while', async () => {
  const { conversationId, ...other } = await talkWith(stack, await peerAtWork(stack, 'idris'));
  const peer = await openSocket(other.peer);
  const guest = await openSocket(other.caller);
  for (const [wire, view] of [
    [peer, 'desk.view'],
    [guest, 'caller.view'],
  ] as const)
    await wire.waitFor('the conversation', (t) => t.startsWith(`42["${view}"`) && t.includes(conversationId));
  const heard = () => peer.heard.filter((t) => t.startsWith('42["typing"')).length;
  const began = performance.now();
  for (let n = 0; n < 80 && heard() === 0; n++) {
    guest.text(`42["message.typing",{"conversationId":"${conversationId}"}]`);
    await new Promise((done) => setTimeout(done, 10));
  }
  for (let n = 0; n < 20; n++)
    expect(codeOf(await ask(guest, 'message.typing', `{"conversationId":"${conversationId}"}`))).toMatch(/ok|slowDown/);
  expect(performance.now() - began).toBeLessThan(2500);
  expect(heard()).toBe(1);
  peer.tcp.destroy();
  guest.tcp.destroy();
});

test('[B21] a thousand messages in a second: the first twenty are sent, the others are told so, then the connection is cut', async () => {
  const wire = await openSocket(talk.caller);
  const sent = 20;
  for (let n = 0; n < sent; n++) wire.text(`42${n}["message.send",${message()}]`);
  // a connection that is cut loses what is still being stored: these are waited for, the others are not
  for (let n = 0; n < sent; n++) await wire.waitFor(`the answer to message ${n}`, (t) => t.startsWith(`43${n}[`));
  for (let n = sent; n < 1000 && !wire.isClosed(); n += 10) {
    for (let i = 0; i < 10; i++) wire.text(`42${n + i}["message.send",${message()}]`);
    await new Promise((done) => setTimeout(done, 10));
  }
  await wire.closed;
  const found = counts(wire);
  expect(Object.keys(found).sort()).toEqual(['ok', 'rate.slowDown']);
  expect(found['ok']).toBeGreaterThanOrEqual(sent);
  expect(found['ok']).toBeLessThan(30);
  expect(answersOf(wire).length).toBeGreaterThan(90); // whatever was read was answered
  const { lastSeq } = await knock<{ lastSeq: number }>(talk.peer, 'message.fetch', {
    conversationId: talk.conversationId,
    after: 0,
  });
  expect(lastSeq).toBe(found['ok']);
});

test('[B21] calls that no page makes are counted a person: after thirty nothing of theirs is read for a while', async () => {
  const who = await caller(stack);
  const wire = await openSocket(who);
  for (let n = 0; n < 60; n++) wire.text(`42${n}["caller.view",{"extra":1}]`);
  await wire.closed;
  const found = counts(wire);
  expect(found['input.malformed']).toBeGreaterThanOrEqual(30);
  expect(found['input.malformed']).toBeLessThan(35);
  const again = await openWire({ url: stack.url, cookie: who.visitor.cookie(), query: liveQuery('caller') });
  await again.closed;
  expect(again.answer).toContain('rate.slowDown');
  expect((await post(who, '/api/doors/caller.view', '{}')).status).toBe(429);
  await isWell(await caller(stack)); // and only theirs
});

test('[B21] five hundred connections of one session: a dozen at once', async () => {
  const who = await caller(stack);
  const before = (await measuresOf(stack.url)).sockets;
  const wires = await Promise.all(
    Array.from({ length: 500 }, () =>
      openWire({ url: stack.url, cookie: who.visitor.cookie(), query: liveQuery('caller') }),
    ),
  );
  await until('the surplus is closed', async () => wires.filter((w) => !w.isClosed()).length <= 12);
  expect((await measuresOf(stack.url)).sockets - before).toBeLessThanOrEqual(12);
  const other = await openSocket(await caller(stack));
  expect(codeOf(await ask(other, 'caller.view', '{}'))).toBe('ok');
  other.tcp.destroy();
  for (const wire of wires) wire.tcp.destroy();
  await until('all are gone', async () => (await measuresOf(stack.url)).sockets <= before);
});

test('[B21] into the line and out of it a thousand times: three times, then told to wait', async () => {
  const who = await caller(stack);
  const codes: Record<string, number> = {};
  for (let n = 0; n < 40; n++)
    for (const door of ['request.open', 'request.leave']) {
      const { answer } = await post(who, `/api/doors/${door}`, JSON.stringify(command()));
      const code = `${door} ${codeOf(answer)}`;
      codes[code] = (codes[code] ?? 0) + 1;
    }
  expect(codes['request.open ok']).toBe(3);
  expect(codes['request.open request.tooMany']).toBe(37);
  const wire = await openSocket(who);
  for (let n = 0; n < 2000; n++)
    wire.text(`42${n}["request.${n % 2 ? 'leave' : 'open'}",${JSON.stringify(command())}]`);
  await wire.closed;
  expect(counts(wire)['rate.slowDown']).toBeGreaterThan(0);
});

test.each([
  ['WebSocket pings whose pongs nobody reads', Buffer.concat(Array.from({ length: 1000 }, () => frame(0x89, '')))],
  ['pongs', Buffer.concat(Array.from({ length: 1000 }, () => frame(0x81, '3')))],
  ['answers to nothing', Buffer.concat(Array.from({ length: 1000 }, (_, n) => frame(0x81, `43${n}[1]`)))],
  ['namespaces', Buffer.concat(Array.from({ length: 1000 }, (_, n) => frame(0x81, `40/n${n},`)))],
])('[B11][B12] a thousand %s end the connection', async (_, bytes) => {
  const wire = await openSocket(await caller(stack));
  wire.write(bytes);
  await until('closed', async () => wire.isClosed());
});

test('[B23] who connects fifty times a second is asked to stay away for a while', async () => {
  const who = await caller(stack);
  let refused = 0;
  for (let n = 0; n < 140; n++) {
    const wire = await openWire({ url: stack.url, cookie: who.visitor.cookie(), query: liveQuery('caller') });
    wire.tcp.destroy();
    await wire.closed;
    if (wire.answer.includes('rate.slowDown')) refused++;
  }
  expect(refused).toBeGreaterThan(10);
  expect(refused).toBeLessThan(30);
});

test('[B21] pages without an end: six hundred, then a small one with the numbers to call, and soon pages again', async () => {
  const guest = await caller(stack);
  const end = performance.now() + 20_000;
  const found = { pages: 0, refused: [] as { text: string; headers: Headers }[] };
  await inLanes(Array.from({ length: 5000 }), 16, async (_, n) => {
    if (found.refused.length >= 60 || performance.now() > end) return;
    const answer = await guest.visitor.get(n % 5 ? '/api/line' : '/');
    if (answer.status === 429) found.refused.push(answer);
    else if (answer.status === 200) found.pages++;
  });
  expect(found.pages).toBeGreaterThanOrEqual(500);
  expect(found.refused.length).toBeGreaterThanOrEqual(60);
  for (const { text, headers } of found.refused) {
    expect(headers.get('retry-after')).toBe('10');
    expect(text).toMatch(/href="tel:988"|"rate\.slowDown"/);
  }
  expect(found.refused.some(({ text }) => text.includes('tel:988'))).toBe(true);
  expect((await guest.visitor.door('caller.view', {})).status).toBe(200); // who talks goes on
  await until('pages again', async () => (await guest.visitor.get('/')).status === 200);
});

test('[B21] sessions are begun by a network so often, and the next one is told to wait', async () => {
  const codes: Record<string, number> = {};
  for (let n = 0; n < 140; n++) {
    const { answer } = await post(
      talk.caller,
      '/api/caller/consent',
      '{"lineSlug":"riverbend","version":1,"name":null}',
    );
    codes[codeOf(answer)] = (codes[codeOf(answer)] ?? 0) + 1;
  }
  expect(codes['rate.slowDown']).toBeGreaterThan(0);
  expect((codes['ok'] ?? 0) + (codes['consent.missing'] ?? 0)).toBeLessThanOrEqual(120);
});
