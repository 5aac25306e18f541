import { randomBytes, randomUUID } from 'node:crypto';
import { doors, type DoorName } from '@hearthline/shared/contracts/doors';
import type { DeskView } from '@hearthline/shared/contracts/views';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { median } from '../load/paired.ts';
import { until } from '../support/line.ts';
import type { Stack } from '../support/services.ts';
import { fieldsOf, inputOf, sampleOf } from './contracts.ts';
import { recordsOf } from './rows.ts';
import {
  caller,
  codeOf,
  command,
  knock,
  offerTo,
  openStack,
  peerAtWork,
  post,
  staff,
  talkWith,
  type Answer,
  type Knocker,
  type Talk,
} from './target.ts';
import { ask, openSocket } from './wire.ts';

let stack: Stack;
let database: pg.Pool;
/** Theirs, and what strangers try to get at. */
let talk: Talk;
let maya: Knocker;
let idris: Knocker;
beforeAll(async () => {
  stack = await openStack({ servers: 2 });
  database = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  idris = await peerAtWork(stack, 'idris');
  talk = await talkWith(stack, idris);
  await knock(idris, 'peer.setState', { ...command(), state: 'break' });
  maya = await staff(stack, 'maya');
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
});

const count = async (sql: string, params: unknown[] = []): Promise<number> =>
  Number((await database.query<{ n: string }>(`select count(*) as n from ${sql}`, params)).rows[0]?.n);
const withoutClock = (answer: Answer): string => JSON.stringify(answer).replaceAll(/"\d{4}-\d\d-\d\dT[^"]+Z"/g, '"…"');

/** A hundred times the same, all at once, by turns over two servers. @returns the one answer that all of them had. */
async function replay(by: Knocker, door: string, input: object): Promise<string> {
  const found = await Promise.all(
    Array.from({ length: 100 }, (_, n) => post(by, `/api/doors/${door}`, JSON.stringify(input), stack.urls[n % 2])),
  );
  const codes = [...new Set(found.map(({ answer }) => codeOf(answer)))];
  expect(codes, `${door}: ${JSON.stringify(codes)}`).toHaveLength(1);
  const [first] = found;
  if (first?.answer.ok && door.startsWith('message.'))
    expect(new Set(found.map(({ answer }) => withoutClock(answer))).size).toBe(1);
  return codes[0] ?? '';
}
const conflict = async (by: Knocker, door: string, input: object): Promise<string> =>
  codeOf((await post(by, `/api/doors/${door}`, JSON.stringify(input))).answer);
const messageIn = (conversationId: string) => ({
  conversationId,
  clientId: randomUUID(),
  epoch: 1,
  iv: randomBytes(12).toString('base64'),
  ciphertext: randomBytes(80).toString('base64'),
});

test('[B15][B16] every step of a talk, a hundred times at once over two servers: one effect and one answer; other words under its id: a conflict', async () => {
  const shift = command();
  expect(await conflict(maya, 'peer.setState', { ...command(), state: 'available' })).toBe('peer.noShift'); // B17
  expect(await replay(maya, 'shift.start', shift)).toBe('ok');
  expect(await count(`shift where staff_id = (select id from staff where email like 'maya@%')`)).toBe(1);
  expect(await conflict(maya, 'shift.end', shift)).toBe('command.conflict');
  const state = { ...command(), state: 'available' };
  expect(await replay(maya, 'peer.setState', state)).toBe('ok');
  expect(await conflict(maya, 'peer.setState', { ...state, state: 'break' })).toBe('command.conflict');
  const limit = { ...command(), chats: 3 };
  expect(await replay(maya, 'peer.setLimit', limit)).toBe('ok');
  expect(await conflict(maya, 'peer.setLimit', { ...limit, chats: 1 })).toBe('command.conflict');

  const guest = await caller(stack);
  const requests = await count('request');
  expect(await replay(guest, 'request.open', command())).toBe('ok');
  expect(await count('request')).toBe(requests + 1);
  expect(await replay(guest, 'request.leave', command())).toBe('ok');
  expect(await conflict(guest, 'request.leave', command())).toBe('request.gone'); // B17
  expect(await replay(guest, 'request.open', command())).toBe('ok');
  expect(await count('request')).toBe(requests + 2);

  const accept = { ...command(), offerId: await offerTo(maya) };
  const talks = await count('conversation');
  expect(await conflict(idris, 'offer.accept', { ...accept })).toBe('offer.gone'); // B18
  expect(await replay(maya, 'offer.accept', accept)).toBe('ok');
  expect(await count('conversation')).toBe(talks + 1);
  expect(await conflict(maya, 'offer.decline', accept)).toBe('command.conflict');
  expect(await conflict(maya, 'offer.decline', { ...accept, ...command() })).toBe('offer.gone'); // B17

  const conversationId = (await knock<DeskView>(maya, 'desk.view')).conversations[0]?.id ?? '';
  const of = { ...command(), conversationId };
  const scores = { scores: { heard: 5 } };
  const wrapUp = { topic: 'Work', outcome: 'Ended together', strain: 1, debrief: false };
  expect(await conflict(guest, 'survey.submit', { ...of, ...scores })).toBe('survey.gone'); // B17: not yet over
  expect(await conflict(maya, 'wrapUp.submit', { ...of, ...wrapUp })).not.toBe('ok');
  expect(await conflict(maya, 'shift.end', command())).toBe('peer.talking');
  expect(await conflict(guest, 'conversation.nextPeer', { ...command(), conversationId })).not.toBe('ok');

  const message = messageIn(conversationId);
  expect(await replay(guest, 'message.send', message)).toBe('ok');
  expect(await count('message where conversation_id = $1', [conversationId])).toBe(1);
  expect(await conflict(guest, 'message.send', { ...message, iv: randomBytes(12).toString('base64') })).toBe(
    'message.conflict',
  );
  expect(await conflict(guest, 'message.send', { ...messageIn(conversationId), epoch: 2 })).toBe('message.staleEpoch');

  const end = { ...command(), conversationId, reason: 'finished' };
  expect(await replay(guest, 'conversation.end', end)).toBe('ok');
  expect(await count('wrap_up where conversation_id = $1', [conversationId])).toBe(1);
  expect(await conflict(guest, 'conversation.end', { ...end, reason: 'other' })).toBe('command.conflict');
  expect(await conflict(guest, 'conversation.end', { ...end, ...command() })).toBe('conversation.ended'); // B17
  expect(await conflict(guest, 'message.send', messageIn(conversationId))).toBe('conversation.ended');
  expect(await replay(guest, 'message.send', message)).toBe('ok'); // it was sent, and that stays so

  const survey = { ...command(), conversationId, ...scores };
  expect(await replay(guest, 'survey.submit', survey)).toBe('ok');
  expect(await count('survey where conversation_id = $1', [conversationId])).toBe(1);
  expect(await conflict(guest, 'survey.submit', { ...survey, scores: { heard: 1 } })).toBe('command.conflict');
  expect(await conflict(guest, 'survey.submit', { ...survey, ...command() })).toBe('survey.gone');

  const topics = (await knock<DeskView>(maya, 'desk.view')).line;
  const filled = {
    ...command(),
    conversationId,
    ...wrapUp,
    topic: topics?.topics[0] ?? '',
    outcome: topics?.outcomes[0] ?? '',
  };
  expect(await replay(maya, 'wrapUp.submit', filled)).toBe('ok');
  expect((await knock<DeskView>(maya, 'desk.view')).conversations).toEqual([]);
  expect(await count(`peer_state where load < 0`)).toBe(0);
  expect(await conflict(maya, 'wrapUp.submit', { ...filled, strain: 5 })).toBe('command.conflict');
  expect(await conflict(maya, 'wrapUp.submit', { ...filled, ...command() })).toBe('wrapUp.gone');

  for (const door of ['offer.decline', 'offer.recuse']) {
    const next = await caller(stack);
    await knock(next, 'request.open', command());
    const input = { ...command(), offerId: await offerTo(maya) };
    expect(await replay(maya, door, input)).toBe('ok');
    expect(await conflict(maya, door, { ...input, offerId: randomUUID() })).toBe('command.conflict');
    expect(await conflict(maya, 'offer.accept', { ...input, ...command() })).toBe('offer.gone');
    await knock(next, 'request.leave', command());
  }
  expect(await replay(maya, 'shift.end', command())).toBe('ok');
  expect(await conflict(maya, 'peer.setState', { ...command(), state: 'available' })).toBe('peer.noShift');
});

test('[B14][B21] "is writing" reaches the other one on another node, and nobody tells it of a talk that is not theirs', async () => {
  const there = await openSocket(talk.peer, stack.urls[1]);
  const here = await openSocket(talk.caller, stack.urls[0]);
  const strangers = await openSocket(await caller(stack), stack.urls[0]);
  const typing = `{"conversationId":"${talk.conversationId}"}`;
  const heard = () => there.heard.filter((t) => t.startsWith('42["typing"')).length;
  for (let n = 0; n < 20; n++) expect(codeOf(await ask(strangers, 'message.typing', typing))).toBe('ok');
  expect(heard()).toBe(0);
  await until('it is told', async () => {
    await ask(here, 'message.typing', typing); // at most once in 2.5 s
    return heard() > 0;
  });
  for (const wire of [there, here, strangers]) wire.tcp.destroy();
});

const commands = (Object.keys(doors) as DoorName[]).filter((name) => 'commandId' in doors[name].input.shape);
test.each(commands)(
  '[B15] %s at a moment when there is nothing to do: a hundred times the same answer',
  async (name) => {
    const by = doors[name].for[0] === 'caller' ? await caller(stack) : maya;
    const input = { ...sampleOf(inputOf(name)), ...command() };
    const code = await replay(by, name, input);
    if (code === 'ok')
      expect(['shift.start', 'shift.end', 'peer.setLimit', 'peer.setChannels', 'request.open']).toContain(name);
  },
);

/** Every door that names a record, by the fields of its input. */
const naming = (Object.keys(doors) as DoorName[]).flatMap((name) =>
  fieldsOf(inputOf(name))
    .map((f) => f.path.join('.'))
    .filter((field) => ['conversationId', 'offerId'].includes(field))
    .map((field) => [name, field] as const),
);
test.each(naming)('[B18] %s: the %s of others looks in all like one that is not there', async (name, field) => {
  const theirs = field === 'offerId' ? await offerOf(idris) : talk.conversationId;
  const sample = sampleOf(inputOf(name));
  for (const by of [await caller(stack), maya].filter((who) =>
    (doors[name].for as readonly string[]).includes(who.as === 'caller' ? 'caller' : 'peer'),
  )) {
    const before = await recordsOf(stack.databaseUrl);
    const ask = async (id: string) => {
      const began = performance.now();
      const input = {
        ...sample,
        ...('commandId' in sample ? command() : { ...('clientId' in sample ? { clientId: randomUUID() } : {}) }),
        [field]: id,
      };
      const { status, text } = await post(by, `/api/doors/${name}`, JSON.stringify(input));
      return { told: `${status} ${text}`, ms: performance.now() - began };
    };
    const none = [
      randomUUID(),
      '00000000-0000-4000-8000-000000000001',
      theirs.replace(/^./, (c) => (c === '0' ? '1' : '0')),
    ];
    const missing = await ask(randomUUID());
    for (const id of [theirs, theirs.toUpperCase(), ...none]) expect((await ask(id)).told, id).toBe(missing.told);
    if (name !== 'message.typing') expect(missing.told).not.toMatch(/^200/); // that one is told to nobody
    const slower = async () => {
      const times = { theirs: [] as number[], missing: [] as number[] };
      for (let n = 0; n < 15; n++) {
        times.theirs.push((await ask(theirs)).ms);
        times.missing.push((await ask(randomUUID())).ms);
      }
      const [one, other] = [median(times.theirs), median(times.missing)];
      return Math.abs(one - other) / Math.max(2, 0.25 * Math.min(one, other)); // a busy machine takes long for both
    };
    let difference = await slower();
    for (let again = 0; again < 3 && difference > 1; again++) difference = await slower();
    expect(difference, 'time between theirs and none, in 2 ms or a quarter of a call').toBeLessThanOrEqual(1);
    expect(await recordsOf(stack.databaseUrl)).toEqual(before);
  }
});

/** An offer that was put to this peer some time; it is theirs for good. */
async function offerOf(peer: Knocker): Promise<string> {
  const { me } = await knock<DeskView>(peer, 'desk.view');
  const { rows } = await database.query<{ id: string }>('select id from offer where peer_id = $1', [me.id]);
  return rows[0]?.id ?? '';
}
