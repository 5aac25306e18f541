import { signatureHeader, signed } from '@hearthline/server/means/signature';
import { twilioSignature } from '@hearthline/server/means/twilio';
import type { StaffActor } from '@hearthline/server/policies/actor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, served } from '../media/app.ts';
import { testLine, type TestLine } from '../support/line.ts';
import { calling, meansOf, onStaff, pageOf, pageRow } from './people.ts';

const origin = 'https://line.example.org';
const token = 'a token of the tests';
const secret = 'a secret of the gateway';
let line: TestLine;
let ana: StaffActor;
let app: Awaited<ReturnType<typeof served>>;
beforeEach(async () => {
  line = await testLine(
    {},
    {
      PORT: String(await freePort()),
      HEARTHLINE_ORIGIN: origin,
      HEARTHLINE_TWILIO_SID: 'AC1',
      HEARTHLINE_TWILIO_TOKEN: token,
      HEARTHLINE_TWILIO_FROM: '+15550100000',
      HEARTHLINE_PAGE_WEBHOOK_URL: 'https://gateway.example.org/page',
      HEARTHLINE_PAGE_WEBHOOK_SECRET: secret,
    },
  );
  ana = await onStaff(line, 'Ana');
  app = await served(line.deps);
});
afterEach(async () => {
  await app.stop();
  await line.close();
});

async function sentPage(kind: 'webhook' | 'sms' | 'voice' | 'mail'): Promise<string> {
  const id = await pageOf(line.deps, ana, await meansOf(line.deps, ana, kind, { number: '+15550100123' }));
  await line.deps.sql.query(`update page set state = 'sent', sent_at = made_at where id = $1`, [id]);
  return id;
}
const post = async (path: string, type: string, headers: Record<string, string>, body: string) =>
  (await fetch(app.url + path, { method: 'POST', headers: { 'content-type': type, ...headers }, body })).status;
const gateway = (body: string, header: string, more: Record<string, string> = {}) =>
  post('/api/means/callback', 'application/json', { [signatureHeader]: header, ...more }, body);
const said = (id: string, state: string) => JSON.stringify({ id, state, at: line.deps.clock.now().toISOString() });
const now = () => line.deps.clock.now();
const ago = (seconds: number) => new Date(now().getTime() - seconds * 1000);

test('[PG5] a gateway says delivered, again, and then something else: the first counts', async () => {
  const id = await sentPage('webhook');
  const body = said(id, 'delivered');
  const header = signed(secret, body, now());
  expect(await gateway(body, header)).toBe(200);
  const first = await pageRow(line.deps, id);
  expect(first).toMatchObject({ state: 'sent', failure: null });
  expect(first.delivered_at).not.toBeNull();
  expect(await gateway(body, header)).toBe(200);
  const late = said(id, 'failed');
  expect(await gateway(late, signed(secret, late, now()))).toBe(200);
  expect(await pageRow(line.deps, id)).toEqual(first);
});

test('[PG5] a gateway says failed: the page failed', async () => {
  const id = await sentPage('webhook');
  const body = said(id, 'failed');
  expect(await gateway(body, signed(secret, body, now()))).toBe(200);
  expect(await pageRow(line.deps, id)).toMatchObject({ state: 'failed', failure: 'undelivered', delivered_at: null });
});

test('[PG5] forged, changed, old, and of the wrong kind: refused or without effect', async () => {
  const [id, mail] = [await sentPage('webhook'), await sentPage('mail')];
  const before = [await pageRow(line.deps, id), await pageRow(line.deps, mail)];
  const body = said(id, 'failed');
  const right = signed(secret, body, now());
  const forged: [string, string][] = [
    [body, ''],
    [body, 't=1,v1='],
    [body, signed('another secret of 16', body, now())],
    [body, signed(secret, body, ago(301))],
    [body, signed(secret, body, ago(-301))],
    [body.replace('failed', 'delivered'), right],
    [`${body} `, right],
    [body, right.replace(/t=\d+/, `t=${Math.floor(now().getTime() / 1000) + 1}`)],
    [body, right.slice(0, -2)],
  ];
  for (const [text, header] of forged) expect(await gateway(text, header), header).toBe(401);
  for (const text of ['', '[]', 'null', '{"id":1}', said('x', 'failed'), said(id, 'sent')])
    expect(await gateway(text, signed(secret, text, now())), text).toBe(400);
  expect(await gateway(body, right, { origin })).toBe(403);
  expect(await post('/api/means/callback', 'text/plain', { [signatureHeader]: right }, body)).toBe(401);
  const large = ' '.repeat(20_000);
  expect(await gateway(large, signed(secret, large, now()))).toBe(413);
  const other = said(mail, 'failed');
  expect(await gateway(other, signed(secret, other, now()))).toBe(200);
  expect([await pageRow(line.deps, id), await pageRow(line.deps, mail)]).toEqual(before);
});

test('[PG5] Twilio says what came of a message and of a call; forged, changed and unknown: nothing', async () => {
  const [text, call, unanswered, mail] = [
    await sentPage('sms'),
    await sentPage('voice'),
    await sentPage('voice'),
    await sentPage('mail'),
  ];
  const tell = (page: string, fields: Record<string, string>, signature?: string) => {
    const path = `/api/means/twilio?page=${page}`;
    return post(
      path,
      'application/x-www-form-urlencoded',
      { 'x-twilio-signature': signature ?? twilioSignature(token, origin + path, fields) },
      new URLSearchParams(fields).toString(),
    );
  };
  const fields = { MessageSid: 'SM1', MessageStatus: 'delivered', To: '+1 é' };
  expect(await tell(text, fields, '')).toBe(401);
  expect(
    await tell(text, fields, twilioSignature('another token', `${origin}/api/means/twilio?page=${text}`, fields)),
  ).toBe(401);
  expect(await tell(text, fields, twilioSignature(token, `${origin}/api/means/twilio?page=${call}`, fields))).toBe(401);
  expect((await pageRow(line.deps, text)).delivered_at).toBeNull();
  expect(await tell(text, { ...fields, MessageStatus: 'queued' })).toBe(204);
  expect((await pageRow(line.deps, text)).delivered_at).toBeNull();
  for (let n = 0; n < 2; n++) expect(await tell(text, fields)).toBe(204);
  expect((await pageRow(line.deps, text)).delivered_at).not.toBeNull();
  expect(await tell(text, { ...fields, MessageStatus: 'undelivered' })).toBe(204);
  expect((await pageRow(line.deps, text)).state).toBe('sent');
  expect(await tell(call, { CallSid: 'CA1', CallStatus: 'in-progress' })).toBe(204);
  expect((await pageRow(line.deps, call)).delivered_at).not.toBeNull();
  expect(await tell(unanswered, { CallSid: 'CA2', CallStatus: 'no-answer' })).toBe(204);
  expect(await pageRow(line.deps, unanswered)).toMatchObject({ state: 'failed', failure: 'undelivered' });
  expect(await tell(mail, { MessageStatus: 'delivered' })).toBe(204);
  expect((await pageRow(line.deps, mail)).delivered_at).toBeNull();
  expect(await tell('x', { MessageStatus: 'delivered' })).toBe(204);
});

test('[PG12] a key pressed in the call is the answer: once, by its rules, and only signed', async () => {
  const phone = async (staff: StaffActor, escalationId: string) => {
    const id = await pageOf(line.deps, staff, await meansOf(line.deps, staff, 'voice', { number: '+15550100123' }), {
      escalationId,
    });
    await line.deps.sql.query(`update page set state = 'sent', sent_at = made_at where id = $1`, [id]);
    return id;
  };
  const press = async (page: string, digit: string, key = token) => {
    const path = `/api/means/twilio?page=${page}`;
    const fields = { CallSid: 'CA1', CallStatus: 'in-progress', Digits: digit };
    const answer = await fetch(app.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': twilioSignature(key, origin + path, fields),
      },
      body: new URLSearchParams(fields).toString(),
    });
    return answer.status === 200 ? /<Say>(.*)<\/Say>/.exec(await answer.text())?.[1] : answer.status;
  };
  const state = async (id: string) =>
    (
      await line.deps.sql.query<{ state: string; owner_id: string | null }>(
        'select state, owner_id from escalation where id = $1',
        [id],
      )
    ).rows[0];
  const escalationId = await calling(line, ana);
  const [mine, bens] = [await phone(ana, escalationId), await phone(await onStaff(line, 'Ben'), escalationId)];
  expect(await press(mine, '1', 'another token')).toBe(401);
  expect(await press(mine, '9')).toContain('could not read');
  expect(await state(escalationId)).toEqual({ state: 'paging', owner_id: null });
  expect(await press(mine, '1')).toContain('open your on call page now');
  expect(await state(escalationId)).toEqual({ state: 'acknowledged', owner_id: ana.id });
  expect((await pageRow(line.deps, mine)).delivered_at).not.toBeNull();
  expect(await press(bens, '1')).toContain('Somebody else has it');
  expect(await press(mine, '2')).toContain('Somebody else is called');
  expect((await state(escalationId))?.state).toBe('exhausted'); // nobody is on call for the next step
  await line.deps.sql.query(`update page set made_at = made_at - interval '16 minutes'`, []);
  expect(await press(mine, '1')).toContain('over already');
  expect((await state(escalationId))?.state).toBe('exhausted');
});

test('[PG5] the signature is that of Twilio’s own example', () => {
  // https://www.twilio.com/docs/usage/security, "Explore the algorithm yourself"
  const fields = {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
  };
  expect(twilioSignature('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', fields)).toBe(
    'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  );
});
