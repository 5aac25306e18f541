import { createRequire } from 'node:module';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { presenceEpochKey, presenceKey } from '@hearthline/server/storage/redis/keys';
import type { StaffActor } from '@hearthline/server/policies/actor';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { testLine, until, type TestLine } from '../support/line.ts';
import { ROOT } from '../support/services.ts';
import { calling, hastySenders, meansOf, onStaff, pageOf, pageRow, ring, senders, subscription } from './people.ts';
import { mailSink, provider, trustOurPushService, type MailSink, type Provider } from './providers.ts';

let line: TestLine, gateway: Provider, twilio: Provider, pushService: Provider, mails: MailSink;
let ana: StaffActor;
let running: { stop(): Promise<void> } | undefined;
const origin = 'https://line.example.org';
beforeAll(trustOurPushService);
beforeEach(async () => {
  [gateway, twilio, pushService, mails] = await Promise.all([
    provider(),
    provider(),
    provider({ secure: true }),
    mailSink(),
  ]);
  line = await testLine(
    {},
    {
      HEARTHLINE_ORIGIN: origin,
      HEARTHLINE_VAPID_PRIVATE_KEY: 'q'.repeat(43),
      HEARTHLINE_PUSH_TO_LOOPBACK: '1',
      HEARTHLINE_SMTP_URL: mails.url,
      HEARTHLINE_MAIL_FROM: 'line@example.org',
      HEARTHLINE_TWILIO_URL: twilio.url,
      HEARTHLINE_TWILIO_SID: 'AC1',
      HEARTHLINE_TWILIO_TOKEN: 'a token of the tests',
      HEARTHLINE_TWILIO_FROM: '+15550100000',
      HEARTHLINE_PAGE_WEBHOOK_URL: `${gateway.url}/page`,
      HEARTHLINE_PAGE_WEBHOOK_SECRET: 'a secret of the gateway',
    },
  );
  ana = await onStaff(line, 'Ana Canary');
});
afterEach(async () => {
  [gateway, twilio, pushService].forEach((p) => p.release());
  await running?.stop();
  running = undefined;
  await line.close();
  await Promise.all([gateway, twilio, pushService, mails].map((p) => p.stop()));
});

/** A machine that is shared with others is given its share of patience. */
const busy = () => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
const number = { number: '+15550100123' };
const settled = (id: string) =>
  until('the page is settled', async () => !['due', 'sending'].includes((await pageRow(line.deps, id)).state), 20_000);
async function sent(id: string) {
  await settled(id);
  return pageRow(line.deps, id);
}

test('[PG1] each page reaches its provider once, however many processes send', async () => {
  const means = await meansOf(line.deps, ana, 'webhook', number);
  const ids = await Promise.all(Array.from({ length: 120 }, () => pageOf(line.deps, ana, means)));
  running = senders(line.deps, await line.node(), await line.node());
  await until(
    'all are sent',
    async () => {
      const { rows } = await line.deps.sql.query<{ n: number }>(
        `select count(*)::int as n from page where state = 'sent'`,
        [],
      );
      return rows[0]?.n === ids.length;
    },
    25_000,
  );
  const keys = gateway.asked.map((a) => a.headers['idempotency-key']);
  expect(keys.sort()).toEqual(ids.sort());
  expect(new Set(keys).size).toBe(ids.length);
});

test('[PG1] a page is handed over at once when it was made, with Redis and on another process without its telling', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => meansOf(line.deps, ana, 'webhook', number)));
  const [means = ''] = all;
  running = senders(line.deps);
  const began = performance.now();
  for (const one of all) expect((await sent(await ring(line.deps, ana, one))).provider_id).toBe('p-1');
  // the sweep alone would take a second for each that comes after another
  expect(performance.now() - began).toBeLessThan(3000 * busy());
  line.deps.redis.disconnect();
  const other = await pageOf(line.deps, ana, means);
  await until('it is there', async () => gateway.asked.length === all.length + 1);
  expect((await sent(other)).state).toBe('sent');
});

test.each([
  ['error', 'refused'],
  ['hang', 'late'],
  ['drop', 'unreachable'],
  ['redirect', 'refused'],
] as const)(
  '[PG3] a provider that does this: %s. The page failed, was handed over once, and others went out',
  async (mode, why) => {
    gateway.mode = mode;
    const [bad, good] = [
      await meansOf(line.deps, ana, 'webhook', number),
      await meansOf(line.deps, ana, 'sms', number),
    ];
    const failing = await Promise.all(Array.from({ length: 60 }, () => pageOf(line.deps, ana, bad))); // more than there is room for
    running = (mode === 'hang' ? hastySenders : senders)(line.deps);
    const began = performance.now();
    const text = await pageOf(line.deps, ana, good);
    expect((await sent(text)).state).toBe('sent');
    expect(performance.now() - began).toBeLessThan(2500 * busy());
    for (const id of failing)
      expect(await sent(id)).toMatchObject({ state: 'failed', failure: why, provider_id: null });
    expect(gateway.asked.map((a) => a.headers['idempotency-key']).sort()).toEqual(failing.sort());
    expect(gateway.asked.every((a) => a.path === '/page')).toBe(true);
  },
);

test.each(['error', 'hang'] as const)('[PG3] a mail server that does this: %s', async (mode) => {
  mails.mode = mode;
  const means = await meansOf(line.deps, ana, 'mail', { address: 'ana@example.org' });
  running = (mode === 'hang' ? hastySenders : senders)(line.deps);
  const id = await pageOf(line.deps, ana, means);
  expect(await sent(id)).toMatchObject({ state: 'failed', failure: mode === 'hang' ? 'late' : 'refused' });
});

test('[PG3] nobody listens there: unreachable. Not set up, or taken away meanwhile: nothing leaves', async () => {
  await twilio.stop();
  const [sms, mail] = [
    await meansOf(line.deps, ana, 'sms', number),
    await meansOf(line.deps, ana, 'mail', { address: 'ana@example.org' }),
  ];
  await line.deps.sql.query('update means set removed_at = $2 where id = $1', [mail, line.deps.clock.now()]);
  const pages = [await pageOf(line.deps, ana, sms), await pageOf(line.deps, ana, mail)];
  running = senders(line.deps);
  expect((await sent(pages[0] ?? '')).failure).toBe('unreachable');
  expect((await sent(pages[1] ?? '')).failure).toBe('removed');
  expect(mails.mails).toEqual([]);
  twilio = await provider();
});

test('[PG4] a browser that its push service does not know any more is removed, and rosters are told', async () => {
  pushService.mode = 'gone';
  const means = await meansOf(line.deps, ana, 'push', subscription(`${pushService.url}/one`).address);
  const told: DomainEvent[] = [];
  line.deps.hub.on((e) => told.push(e));
  running = senders(line.deps);
  const id = await pageOf(line.deps, ana, means);
  expect(await sent(id)).toMatchObject({ state: 'failed', failure: 'gone' });
  const { rows } = await line.deps.sql.query<{ removed_at: Date | null }>('select removed_at from means', []);
  expect(rows[0]?.removed_at).not.toBeNull();
  expect(told).toContainEqual({ type: 'roster.changed', lineId: line.lineId, staffIds: [ana.id] });
});

test('[PG9] a push goes only over https and only to addresses on the internet', async () => {
  const addresses = [
    'http://127.0.0.1:1/x',
    'https://10.0.0.1/x',
    'https://[::ffff:10.0.0.1]/x',
    'https://192.168.1.1/x',
  ];
  const ids = [];
  for (const endpoint of addresses)
    ids.push(await pageOf(line.deps, ana, await meansOf(line.deps, ana, 'push', subscription(endpoint).address)));
  running = senders(line.deps);
  for (const id of ids) expect((await sent(id)).failure).toBe('private');
});

test('[PG10] the alarm: sent to who has an open page, failed where nobody is, sent where nobody can say', async () => {
  const means = await meansOf(line.deps, ana, 'alarm');
  const now = line.deps.clock.now().getTime();
  running = senders(line.deps);
  expect((await sent(await pageOf(line.deps, ana, means))).state).toBe('sent'); // Redis was just emptied
  await line.deps.redis.set(presenceEpochKey, String(now - 60_000));
  expect(await sent(await pageOf(line.deps, ana, means))).toMatchObject({ state: 'failed', failure: 'noPage' });
  await line.deps.redis.zadd(presenceKey, now + 10_000, ana.id);
  expect((await sent(await pageOf(line.deps, ana, means))).state).toBe('sent');
  await line.deps.redis.zadd(presenceKey, now - 1, ana.id);
  expect((await sent(await pageOf(line.deps, ana, means))).failure).toBe('noPage');
  line.deps.redis.disconnect();
  expect((await sent(await pageOf(line.deps, ana, means))).state).toBe('sent');
});

test('[PG1] what somebody has already, or was taken back, rings nobody any more', async () => {
  const escalationId = await calling(line, ana);
  const means = await meansOf(line.deps, ana, 'webhook', number);
  await line.deps.sql.query(
    `update escalation set state = 'acknowledged', owner_id = $2, paged_id = null where id = $1`,
    [escalationId, ana.id],
  );
  const id = await pageOf(line.deps, ana, means, { escalationId });
  running = senders(line.deps);
  expect(await sent(id)).toMatchObject({ state: 'failed', failure: 'notNeeded' });
  expect(gateway.asked).toEqual([]);
});

test('[PG11] what leaves us is neutral: no name and no word of anybody, in any means', async () => {
  const escalationId = await calling(line, ana);
  const sub = subscription(`${pushService.url}/one`);
  const kinds = {
    push: sub.address,
    mail: { address: 'ana@example.org' },
    sms: number,
    voice: number,
    webhook: number,
  };
  const ids: Record<string, string> = {};
  for (const [kind, address] of Object.entries(kinds))
    ids[kind] = await pageOf(line.deps, ana, await meansOf(line.deps, ana, kind as keyof typeof kinds, address), {
      escalationId,
    });
  running = senders(line.deps);
  for (const id of Object.values(ids)) expect((await sent(id)).state).toBe('sent');

  const [mail] = mails.mails;
  expect(mail?.text).toMatch(new RegExp(`^Message-ID: <${ids['mail']}@example.org>`, 'im'));
  expect(mail?.text).toContain('Subject: Test: you are needed');
  const [text, call] = ['Messages', 'Calls'].map((r) => twilio.asked.find((a) => a.path.endsWith(`/AC1/${r}.json`)));
  expect(Object.fromEntries(new URLSearchParams(text?.body))).toEqual({
    To: number.number,
    From: '+15550100000',
    Body: `Hearthline (Test): you are needed. Open ${origin}/staff/on-call`,
    StatusCallback: `${origin}/api/means/twilio?page=${ids['sms']}`,
  });
  const spoken = new URLSearchParams(call?.body).get('Twiml');
  expect(spoken).toContain('<Say>This is Test. You are needed.');
  expect(spoken).toContain(
    `<Gather numDigits="1" timeout="10" action="${origin}/api/means/twilio?page=${ids['voice']}">`,
  );
  expect(JSON.parse(gateway.asked[0]?.body ?? '')).toEqual({
    id: ids['webhook'],
    kind: 'page',
    to: number.number,
    text: `Hearthline (Test): you are needed. Open ${origin}/staff/on-call`,
    line: 'Test',
  });
  const [notice] = pushService.asked;
  expect(notice?.headers).toMatchObject({ urgency: 'high', ttl: '120', 'content-encoding': 'aes128gcm' });
  expect(notice?.headers.authorization).toMatch(/^vapid t=/);
  expect(opened(notice?.raw ?? Buffer.alloc(0), sub)).toBe(JSON.stringify({ page: ids['push'] }));

  const left = [
    mail?.text,
    ...[...twilio.asked, ...gateway.asked, ...pushService.asked].map((a) =>
      JSON.stringify([a.path, a.headers, a.body]),
    ),
  ].join();
  for (const word of ['Canary', 'Sparrow', 'Maya', ana.id]) expect(left).not.toContain(word);
});

/** As the browser opens it (RFC 8291). */
function opened(body: Buffer, { browser, auth }: ReturnType<typeof subscription>): string {
  const require = createRequire(createRequire(join(ROOT, 'server/src/x')).resolve('web-push'));
  const ece = require('http_ece') as { decrypt(body: Buffer, keys: object): Buffer };
  return ece
    .decrypt(body, { version: 'aes128gcm', privateKey: browser, authSecret: auth.toString('base64url') })
    .toString();
}

test('[PG2] a page whose process died becomes unknown; where it is still needed another key follows, and no key goes out twice', async () => {
  const escalationId = await calling(line, ana);
  const means = await meansOf(line.deps, ana, 'webhook', number);
  const stale = async (of: Parameters<typeof pageOf>[3]) => {
    const id = await pageOf(line.deps, ana, means, of);
    const long = new Date(line.deps.clock.now().getTime() - 30_000);
    await line.deps.sql.query(`update page set state = 'sending', claimed_at = $2 where id = $1`, [id, long]);
    return id;
  };
  const [current, passed, test_] = [
    await stale({ escalationId }),
    await stale({ escalationId, step: 2 }),
    await stale({}),
  ];
  running = senders(line.deps, await line.node());
  for (const id of [current, passed, test_])
    await until('it is unknown', async () => (await pageRow(line.deps, id)).state === 'unknown');
  await until('the next is sent', async () => gateway.asked.length === 1);
  const { rows } = await line.deps.sql.query<{ id: string; step: number; attempt: number }>(
    'select id, step, attempt from page where id <> all($1)',
    [[current, passed, test_]],
  );
  expect(rows).toEqual([{ id: gateway.asked[0]?.headers['idempotency-key'], step: 1, attempt: 1 }]);
});

test('[PG2] three times unknown is enough: then it is left to the ladder', async () => {
  const escalationId = await calling(line, ana);
  const means = await meansOf(line.deps, ana, 'webhook', number);
  for (let n = 0; n < 3; n++) {
    const id = await pageOf(line.deps, ana, means, { escalationId });
    await line.deps.sql.query(`update page set state = 'sending', claimed_at = $2 where id = $1`, [
      id,
      new Date(line.deps.clock.now().getTime() - 30_000),
    ]);
  }
  running = senders(line.deps);
  const count = async (state: string) =>
    (await line.deps.sql.query<{ n: number }>('select count(*)::int as n from page where state = $1', [state])).rows[0]
      ?.n;
  await until('all are unknown', async () => (await count('unknown')) === 3);
  await until('the last ones are sent', async () => (await count('due')) === 0 && (await count('sending')) === 0);
  expect(await count('sent')).toBe(2);
});
