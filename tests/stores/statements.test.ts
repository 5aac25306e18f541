import { randomBytes, randomUUID } from 'node:crypto';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { openHotPool, sqlFile } from '@hearthline/server/storage/postgres/pool';
import type { StaffActor } from '@hearthline/server/policies/actor';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lineConfig, must, testLine, type TestLine } from '../support/line.ts';
import { ROOT } from '../support/services.ts';

const file = (path: string) => sqlFile(pathToFileURL(join(ROOT, 'server/src/x')).href, path);
const makeOffers = file('./commands/offers/makeOffers.sql');
const open = file('./commands/requests/openRequest.sql');
const storeMessages = file('./delivery/storeMessages.sql');

let line: TestLine;
beforeEach(async () => {
  line = await testLine({ chatsPerPeer: 2 });
});
afterEach(() => line.close());
const query = async <T>(text: string, params: unknown[] = []) => (await line.deps.sql.query<T>(text, params)).rows;
const count = async (what: string) =>
  (await query<{ n: number }>(`select count(*)::int as n from ${what}`))[0]?.n ?? -1;

describe('openRequest.sql', () => {
  type Row = {
    consented: boolean;
    staffed: boolean;
    waiting: number;
    live_id: string | null;
    known: boolean;
    opened_id: string | null;
    outbox_id: number | null;
  };
  const ask = async (callerId: string, most = 10, id: string = randomUUID()) => {
    const rows = await query<Row>(open, [id, line.lineId, callerId, 'chat', line.deps.clock.now(), most, '{}']);
    expect(rows).toHaveLength(1);
    return rows[0] as Row;
  };

  test('always one row, that says why not: nobody known, nobody on shift, full', async () => {
    const { id } = await line.caller();
    expect(await ask(randomUUID())).toMatchObject({
      consented: false,
      staffed: false,
      opened_id: null,
      outbox_id: null,
    });
    expect(await ask(id)).toMatchObject({ consented: true, staffed: false, waiting: 0, opened_id: null });
    await line.peer('Maya', { available: false });
    expect(await ask(id, 0)).toMatchObject({ staffed: true, opened_id: null, outbox_id: null });
    await query('delete from consent');
    expect(await ask(id)).toMatchObject({ consented: false, staffed: true, opened_id: null, outbox_id: null }); // [CN1]
    expect(await count('request')).toBe(0);
    expect(await count(`outbox where event = '{}'`)).toBe(0);
    expect(await count(`audit where action = 'request.opened'`)).toBe(0);
  });

  test('[RQ2] opened once: the second answer names the first, with one outbox and one audit row', async () => {
    const { id } = await line.caller();
    await line.peer('Maya', { available: false });
    const first = await ask(id);
    expect(first).toMatchObject({ live_id: null, waiting: 0, outbox_id: expect.any(Number) as number });
    expect(await ask(id)).toMatchObject({ live_id: first.opened_id, opened_id: null, waiting: 1, outbox_id: null });
    await query(`update request set state = 'left', ended_at = now()`);
    const late = await ask(id, 10, first.opened_id ?? ''); // [I21] the same call when it is over
    expect(late).toMatchObject({ known: true, live_id: null, opened_id: null, outbox_id: null });
    const stranger = (await line.caller()).id;
    expect(await ask(stranger, 10, first.opened_id ?? '')).toMatchObject({ known: false, opened_id: null });
    await query(`update request set state = 'waiting', ended_at = null`);
    const burst = await Promise.all(Array.from({ length: 8 }, () => ask(id)));
    expect(burst.every((r) => r.opened_id === null && r.live_id === first.opened_id)).toBe(true);
    expect(await count(`audit where action = 'request.opened'`)).toBe(1);
    expect(await count(`outbox where event = '{}'`)).toBe(1);
  });

  test('[I1] eight at once open one', async () => {
    const { id } = await line.caller();
    await line.peer('Maya', { available: false });
    const burst = await Promise.all(Array.from({ length: 8 }, () => ask(id)));
    expect(burst.filter((r) => r.opened_id !== null)).toHaveLength(1);
    expect(await count('request')).toBe(1);
    expect(await count(`audit where action = 'request.opened'`)).toBe(1);
  });
});

describe('makeOffers.sql', () => {
  type Pair = { request: string; peer: string };
  const make = async (pairs: Pair[], lineId = line.lineId) => {
    const now = line.deps.clock.now();
    const rows = await query<{ offer_id: string; request_id: string; peer_id: string; caller_id: string }>(makeOffers, [
      pairs.map(() => randomUUID()),
      pairs.map((p) => p.request),
      pairs.map((p) => p.peer),
      lineId,
      now,
      new Date(now.getTime() + 25_000),
    ]);
    const [written] = await query<{ offers: number; rows: number[] }>(
      `select (select count(*)::int from offer) as offers, array[(select count(*)::int from due where kind = 'offer.expire'),
         (select count(*)::int from audit where action = 'offer.made'), (select count(*)::int from outbox where event ->> 'type' = 'offer.made')] as rows`,
    );
    expect(written?.rows).toEqual(Array(3).fill(written?.offers));
    return rows.map((r) => `${r.request_id} ${r.peer_id}`);
  };
  const said = ({ request, peer }: Pair) => `${request} ${peer}`;
  const waiting = async () => must(await openRequest(line.deps, await line.caller(), 'chat')).requestId;
  const loads = async () =>
    Object.fromEntries(
      (await query<{ staff_id: string; load: number }>('select staff_id, load from peer_state')).map((r) => [
        r.staff_id,
        r.load,
      ]),
    );
  let maya: StaffActor;
  let idris: StaffActor;
  beforeEach(async () => {
    maya = await line.peer('Maya');
    idris = await line.peer('Idris');
  });

  test('nothing in, nothing out', async () => expect(await make([])).toEqual([]));

  test('a row per offer made; who is not there, absent, busy or full is left out', async () => {
    const [first, absent] = [await waiting(), await waiting()];
    await query('update request set absent_since = now() where id = $1', [absent]);
    const good = { request: first, peer: maya.id };
    expect(
      await make([
        { request: randomUUID(), peer: idris.id },
        { request: absent, peer: idris.id },
        { request: first, peer: randomUUID() },
        good,
      ]),
    ).toEqual([said(good)]);
    const third = await waiting();
    await query(`update request set channel = 'voice' where id = $1`, [third]);
    expect(await make([{ request: third, peer: maya.id }]), 'Maya is being asked').toEqual([]);
    expect(await make([{ request: third, peer: idris.id }])).toHaveLength(1);
    expect(await loads()).toEqual({ [maya.id]: 50, [idris.id]: 100 });
  });

  test('[I5] above the limit, on a break, resting, away or off shift: left out', async () => {
    const request = await waiting();
    for (const spoil of [
      'load = 60',
      `state = 'break'`,
      `rest_until = now() + interval '1 hour'`,
      'away_since = now()',
    ]) {
      await query(`update peer_state set ${spoil} where staff_id = $1`, [maya.id]);
      expect(await make([{ request, peer: maya.id }]), spoil).toEqual([]);
      await query(
        `update peer_state set load = 0, state = 'available', rest_until = null, away_since = null where staff_id = $1`,
        [maya.id],
      );
    }
    expect(await make([{ request, peer: maya.id }])).toHaveLength(1);
  });

  test('[MA3] the same request or the same peer twice: the first pair counts, the others are left out', async () => {
    const [one, two] = [await waiting(), await waiting()];
    const pairs = [
      { request: one, peer: maya.id },
      { request: one, peer: idris.id },
      { request: two, peer: maya.id },
      { request: one, peer: maya.id },
    ];
    expect(await make(pairs)).toEqual([said(pairs[0] as Pair)]);
    expect(await loads()).toEqual({ [maya.id]: 50, [idris.id]: 0 });
    expect(await make([{ request: two, peer: idris.id }]), 'and nobody is lost by it').toHaveLength(1);
  });

  test('[I15] a request or a peer of another line is left out', async () => {
    const other = randomUUID();
    await query(`insert into line (id, slug, config, created_at, updated_at) values ($1, 'other', $2, now(), now())`, [
      other,
      JSON.stringify(lineConfig({ slug: 'other' })),
    ]);
    const [mine, theirs] = [await waiting(), await waiting()];
    await query('update request set line_id = $2 where id = $1', [theirs, other]);
    expect(await make([{ request: theirs, peer: maya.id }]), 'their request to our peer').toEqual([]);
    expect(await make([{ request: mine, peer: maya.id }], other), 'our pair on their line').toEqual([]);
    expect(await loads()).toEqual({ [maya.id]: 0, [idris.id]: 0 });
  });

  test('[I5] two matchers with the same pairs make one offer a pair', async () => {
    const pairs = [
      { request: await waiting(), peer: maya.id },
      { request: await waiting(), peer: idris.id },
    ];
    const made = (await Promise.all(Array.from({ length: 6 }, () => make(pairs).catch(() => [])))).flat();
    expect(made.sort()).toEqual(pairs.map(said).sort());
    expect(await loads()).toEqual({ [maya.id]: 50, [idris.id]: 50 });
  });

  test('[I1][MA3] two matchers that chose the same peer for two requests make one offer', async () => {
    const requests = [await waiting(), await waiting(), await waiting(), await waiting()];
    const code = (e: unknown) => expect((e as { code: string }).code).toBe('23505'); // refused by the index, matched again later
    const asked = requests.map((request) => make([{ request, peer: maya.id }]).catch((e: unknown) => (code(e), [])));
    expect((await Promise.all(asked)).flat()).toHaveLength(1);
    expect(await loads()).toEqual({ [maya.id]: 50, [idris.id]: 0 });
    expect(await count(`request where state = 'offered'`)).toBe(1);
  });
});

describe('storeMessages.sql', () => {
  type Message = { sender: string; client?: string; epoch?: number };
  type Talk = { id: string; messages: Message[] };
  /** @returns for each conversation the number of its first message, null where it was left out. */
  const store = async (talks: Talk[]) => {
    const all = talks.flatMap((t) => t.messages);
    const before = (i: number) => talks.slice(0, i).reduce((sum, t) => sum + t.messages.length, 0);
    const rows = await query<{ ord: number; seq: number }>(storeMessages, [
      talks.map((t) => t.id),
      talks.map((t) => t.messages[0]?.epoch ?? 1),
      talks.map((_, i) => before(i) + 1),
      talks.map((_, i) => before(i + 1)),
      all.map((m) => m.sender),
      all.map((m) => m.client ?? randomUUID()),
      randomBytes(12 * all.length),
      randomBytes(60 * all.length),
      all.map((_, at) => at * 60 + 1),
      all.map(() => 60),
      line.deps.clock.now(),
    ]);
    return talks.map((_, i) => rows.find((r) => r.ord === i)?.seq ?? null);
  };
  const lastSeq = async (id: string) =>
    (await query<{ n: number }>('select last_seq as n from conversation where id = $1', [id]))[0]?.n;

  test('[DE3] nothing in, nothing out; numbers go on, side by side, each sender and client id on its own', async () => {
    const { caller, peer, conversationId: id } = await line.talk();
    const other = await line.talk();
    expect(await store([])).toEqual([]);
    const [a, b] = [{ sender: caller.id, client: randomUUID() }, { sender: peer.id }];
    expect(await store([{ id, messages: [a, b, { sender: caller.id }] }])).toEqual([1]);
    const talks = [
      { id, messages: [b, { ...a, sender: peer.id }] }, // the same client id of another sender is another message
      { id: other.conversationId, messages: [{ sender: other.caller.id }] },
    ];
    expect(await store(talks)).toEqual([4, 1]);
    const rows = await query<{ seq: number; sender_id: string; bytes: number[] }>(
      'select seq, sender_id, array[length(iv), length(ciphertext)] as bytes from message where conversation_id = $1 order by seq',
      [id],
    );
    expect(rows.map((r) => r.bytes)).toEqual(rows.map(() => [12, 60]));
    expect(rows.map((r) => r.sender_id)).toEqual([caller.id, peer.id, caller.id, peer.id, peer.id]);
    expect(rows.map((r) => r.seq)).toEqual([1, 2, 3, 4, 5]);
  });

  test('[DE4] a stranger, a stale epoch, whoever has left, an ended or unknown conversation: left out, no number taken', async () => {
    const { caller, peer, conversationId: id } = await line.talk();
    const good = await line.talk();
    const refused = async (messages: Message[], talk = id) => {
      const before = (await lastSeq(good.conversationId)) ?? NaN;
      const both = [
        { id: talk, messages },
        { id: good.conversationId, messages: [{ sender: good.caller.id }] },
      ];
      expect(await store(both)).toEqual([null, before + 1]);
    };
    await refused([{ sender: caller.id }], randomUUID());
    await refused([{ sender: caller.id }, { sender: randomUUID() }]);
    await refused([{ sender: good.caller.id }]);
    await refused([{ sender: caller.id, epoch: 2 }]);
    await query('update participant set left_at = now() where party_id = $1', [peer.id]);
    await refused([{ sender: caller.id }, { sender: peer.id }]);
    await query(`update conversation set state = 'ended', ended_at = now() where id = $1`, [id]);
    await refused([{ sender: caller.id }]);
    expect(await lastSeq(id)).toBe(0);
  });

  test('[DE3] a client id that came before breaks the whole statement; the lane then goes one by one', async () => {
    const { caller, conversationId: id } = await line.talk();
    const known = { sender: caller.id, client: randomUUID() };
    expect(await store([{ id, messages: [known] }])).toEqual([1]);
    await expect(store([{ id, messages: [{ sender: caller.id }, known] }])).rejects.toMatchObject({ code: '23505' });
    expect(await lastSeq(id)).toBe(1);
  });

  test('planned over empty tables it still finds conversations by their key, and never reads one from end to end', async () => {
    const types = 'uuid[], int[], int[], int[], uuid[], uuid[], bytea, bytea, int[], int[], timestamptz';
    const pool = openHotPool(line.deps.config.databaseUrl, 1);
    await pool.query(`prepare hot(${types}) as ${storeMessages}`);
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(
      `explain execute hot('{}', '{}', '{}', '{}', '{}', '{}', '', '', '{}', '{}', now())`,
    );
    await pool.end();
    const scans = rows.flatMap(
      (r) => /(?:Scan (?:using (\w+) )?on (?:conversation|participant|message)\b)/.exec(r['QUERY PLAN'])?.[1] ?? [],
    );
    expect(scans.sort()).toEqual(['conversation_pkey', 'participant_pkey']);
    expect(rows.some((r) => /Seq Scan/.test(r['QUERY PLAN']))).toBe(false);
  });
});
