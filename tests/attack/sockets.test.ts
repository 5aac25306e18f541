import type { DeskView } from '@hearthline/shared/contracts/views';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import type { Stack } from '../support/services.ts';
import { attacksOn, canary } from './generate.ts';
import { isDoor, targets } from './contracts.ts';
import { recordsOf } from './rows.ts';
import { caller, codeOf, knock, openStack, peerAtWork, staff, talkWith, type Knocker, type Talk } from './target.ts';
import { ask, frame, liveQuery, openSocket, openWire, resetDuringHandshake, type Wire } from './wire.ts';

let stack: Stack;
let talk: Talk;
const by = {} as Record<string, Knocker>;
const wires: Wire[] = [];

beforeAll(async () => {
  stack = await openStack();
  talk = await talkWith(stack, await peerAtWork(stack, 'maya'));
  const [coordinator, clinician] = [await staff(stack, 'rosa'), await staff(stack, 'ana')];
  Object.assign(by, { caller: talk.caller, peer: talk.peer, coordinator, clinician });
});
afterAll(async () => {
  for (const wire of wires) wire.tcp.destroy();
  await stack?.stop();
});

async function socketOf(who: Knocker): Promise<Wire> {
  const wire = await openSocket(who);
  wires.push(wire);
  return wire;
}
/** A caller of their own, so that what an attack costs them is nobody else's. */
const stranger = async () => socketOf(await caller(stack));
const closes = (what: string, wire: Wire, ms = 3000) => until(`closed: ${what}`, async () => wire.isClosed(), ms);
async function answers(wire: Wire): Promise<void> {
  expect(codeOf(await ask(wire, 'caller.view', '{}'))).toBe('ok');
}

test.each(targets.filter(isDoor))(
  '[B2][B5][B6][B9] $name over a socket: whatever has not its shape is refused',
  async (t) => {
    const before = await recordsOf(stack.databaseUrl);
    let wire = await socketOf(by[t.by] as Knocker);
    const passed: string[] = [];
    for (const { row, what, json } of attacksOn(t)) {
      if (json.length > 60_000) continue; // longer than a packet
      let isJson = true;
      try {
        JSON.parse(json);
      } catch {
        isJson = false;
      }
      if (isJson) {
        const answer = await ask(wire, t.name, json);
        if (codeOf(answer) !== 'input.malformed') passed.push(`${row} ${what}: ${JSON.stringify(answer)}`);
        if (JSON.stringify(answer).includes(canary)) passed.push(`${row} ${what}: echoed`);
      } else {
        wire.text(`421["${t.name}",${json}]`);
        await closes(what, wire);
        wire = await socketOf(by[t.by] as Knocker);
      }
    }
    wire.tcp.destroy();
    expect(passed).toEqual([]);
    expect(await recordsOf(stack.databaseUrl)).toEqual(before);
  },
);

test.each([
  ['unknown', '"nothing.here"'],
  ['error', '"error"'],
  ['numeric', '7'],
  ['prototype', '"__proto__"'],
  ['constructor', '"constructor"'],
  ['one of the server’s', '"goodbye"'],
  ['10 KB long', JSON.stringify('x'.repeat(10_240))],
])('[B8] an event that is none of ours is told so: %s', async (_, name) => {
  const wire = await stranger();
  wire.text(`421[${name},{}]`);
  expect(await wire.waitFor('the answer', (t) => t.startsWith('431['))).toContain('"door.unknown"');
  await answers(wire);
});

test.each(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])(
  '[B8] an event with a name of the machinery closes the connection: %s',
  async (name) => {
    const wire = await stranger();
    wire.text(`421[${JSON.stringify(name)},{}]`);
    await closes(name, wire);
  },
);

test.each([
  ['no arguments', '421["caller.view"]'],
  ['two arguments', '421["caller.view",{},{}]'],
  ['no event at all', '421[]'],
  ['an object as the packet', '421{"caller.view":{}}'],
  ['null as the name', '421[null,{}]'],
  ['an answer to a negative id', '43-1[{"ok":true}]'],
])('[B10] %s: refused or closed', async (what, text) => {
  const wire = await stranger();
  wire.text(text);
  await until(what, async () => wire.isClosed() || wire.heard.some((t) => /^431\[.*(malformed|unknown)/.test(t)), 3000);
  await answers(await stranger());
});

test.each(['2', '12345678901234567890', '99999999999999999999999999', '007'])(
  '[B10] an ack id of %s harms nobody',
  async (id) => {
    const wire = await stranger();
    wire.text(`42${id}["caller.view",{}]`);
    await wire.waitFor('an answer', (t) => t.startsWith('43'));
    await answers(wire);
  },
);

test('[B10] answers to what was never asked, ids used twice and no wish for an answer at all', async () => {
  const wire = await stranger();
  for (const id of ['0', '7', '99999999999999999999']) wire.text(`43${id}[{"ok":true}]`);
  wire.text('421["caller.view",{}]');
  wire.text('421["caller.view",{}]');
  wire.text('42["caller.view",{}]');
  wire.text('42["request.open",{}]');
  await until('both are answered', async () => wire.heard.filter((t) => t.startsWith('431[')).length === 2);
  await answers(wire);
});

test.each([
  ['a binary frame', frame(0x82, Buffer.alloc(100, 7))],
  ['a binary event whose attachment never comes', frame(0x81, '451-["caller.view",{"_placeholder":true,"num":0}]')],
  ['a text in the place of an attachment', frame(0x81, '451-["caller.view",{}]')],
  ['11 attachments', frame(0x81, '4511-["caller.view",{}]')],
  ['10 000 attachments', frame(0x81, '4510000-["caller.view",{}]')],
  ['−1 attachments', frame(0x81, '45-1-["caller.view",{}]')],
])('[B9] %s: closed, or never answered', async (_, bytes) => {
  const wire = await stranger();
  wire.write(bytes);
  wire.text('421["caller.view",{}]');
  await closes('binary', wire);
});

test('[B9] placeholders without an attachment, and with a number out of range', async () => {
  const wire = await stranger();
  for (const num of ['0', '-1', '99', '"x"'])
    expect(codeOf(await ask(wire, 'caller.view', `{"_placeholder":true,"num":${num}}`))).toBe('input.malformed');
  const other = await stranger();
  other.text('451-1["caller.view",{"_placeholder":true,"num":5}]');
  other.write(frame(0x82, Buffer.alloc(4)));
  await closes('number out of range', other);
});

test('[B11] namespaces that are not there: refused, a thousand of them end the connection, nothing stays', async () => {
  const wire = await stranger();
  for (const name of ['/admin', '/__proto__', '/x?as=staff', '/constructor']) wire.text(`40${name},`);
  await until('all refused', async () => wire.heard.filter((t) => t.startsWith('44/')).length === 4);
  await answers(wire);
  wire.text('40'); // a second connect to the one there is
  await until(
    'closed or harmless',
    async () => wire.isClosed() || wire.heard.filter((t) => /^40\{/.test(t)).length > 0,
  );
});

test('[B12] what is no handshake of a page of ours', async () => {
  const { visitor } = talk.caller;
  const cookie = visitor.cookie();
  const at = { url: stack.url, cookie };
  const status = async (options: object) => {
    const wire = await openWire({ ...at, ...options });
    wire.tcp.destroy();
    return wire.status;
  };
  const good = liveQuery('caller');
  expect(await status({ query: good })).toBe(101);
  expect(await status({ query: good.replace('websocket', 'polling') })).toBe(400);
  expect(await status({ query: good.replace('websocket', 'webtransport') })).toBe(400);
  expect(await status({ query: good.replace('websocket', '__proto__') })).toBe(400);
  expect(await status({ query: good.replace('EIO=4', 'EIO=3') })).not.toBe(200);
  expect(await status({ query: `${good}&sid=${'x'.repeat(20)}` })).toBe(400);
  expect(await status({ query: `${good}&sid=__proto__` })).toBe(400);
  expect(await status({ headers: { 'Sec-WebSocket-Version': '7' } })).toBe(400);
  expect(await status({ headers: { 'Sec-WebSocket-Key': 'short' } })).toBe(400);
  expect(await status({ headers: { Upgrade: 'h2c' } })).not.toBe(101);
  expect(await status({ method: 'POST' })).toBe(400);
  for (const method of ['GET', 'POST']) {
    const polling = await visitor.call(method, `/live/?${good.replace('websocket', 'polling')}`);
    expect(polling.status, method).toBe(400);
  }
});

test('[B12] the id of a connection is nobody’s key to it: not of another, not of one’s own', async () => {
  const wire = await stranger();
  const opened = wire.heard.find((t) => t.startsWith('0{')) ?? '';
  const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
  expect(sid.length).toBeGreaterThan(10);
  for (const cookie of [talk.caller.visitor.cookie(), by['coordinator']?.visitor.cookie() ?? '', '']) {
    const thief = await openWire({ url: stack.url, cookie, query: liveQuery('caller', `&sid=${sid}`) });
    expect(thief.status).toBe(400);
  }
  await answers(wire);
});

test.each([
  ['a ping in the wrong direction', frame(0x81, '2')],
  ['an unknown packet', frame(0x81, '9')],
  ['an empty packet', frame(0x81, '')],
  ['an upgrade that nobody began', frame(0x81, '5')],
  ['a reserved bit', frame(0xc1, '3')],
  ['an opcode that is not there', frame(0x8b, '3')],
  ['a continuation of nothing', frame(0x80, '3')],
  ['a ping that is too long', frame(0x89, 'x'.repeat(126))],
  ['a ping in pieces', frame(0x09, 'x')],
  ['no mask', Buffer.from([0x81, 0x01, 0x33])],
  ['bytes that are no UTF-8', frame(0x81, Buffer.from([0x34, 0x32, 0xff, 0xfe]))],
  ['a close with a code that is not there', frame(0x88, Buffer.from([0x00, 0x01]))],
  ['one byte more than a packet may have', frame(0x81, `3${'x'.repeat(65_536)}`)],
  ['a length of 2^63', Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])],
])('[B1][B12] a frame that is none, %s: closed', async (what, bytes) => {
  const wire = await stranger();
  wire.write(bytes);
  if (what.startsWith('an upgrade') || what.startsWith('an unknown') || what.startsWith('an empty')) {
    // not all of these are worth a connection to the machinery; then the connection has to go on as before
    await until('closed or going on', async () => {
      if (wire.isClosed()) return true;
      wire.text('421["caller.view",{}]');
      return wire.heard.some((t) => t.startsWith('431['));
    });
  } else await closes(what, wire);
  await answers(await stranger());
});

test('[B1] a packet as long as may be is read, and refused for what it says', async () => {
  const wire = await stranger();
  const head = '421["caller.view","';
  const text = `${head}${'x'.repeat(65_536 - head.length - 2)}"]`;
  wire.write(frame(0x81, text));
  expect(await wire.waitFor('an answer', (t) => t.startsWith('431['))).toContain('input.malformed');
});

test('[B13] sessions that are none, over, of another kind, or told in the payload', async () => {
  const status = async (cookie: string, as: string) => {
    const wire = await openWire({ url: stack.url, cookie, query: liveQuery(as) });
    await wire.closed;
    return wire.answer;
  };
  const mine = talk.caller.visitor.cookie();
  expect(await status('', 'caller'), 'no cookie').toContain('Forbidden');
  expect(await status('hl_caller=', 'caller')).toContain('Forbidden');
  expect(await status(`hl_caller=${'A'.repeat(43)}`, 'caller')).toContain('Forbidden');
  expect(await status(mine.toUpperCase(), 'caller')).toContain('Forbidden');
  expect(await status(mine, 'staff')).toContain('Forbidden');
  expect(await status(mine.replace('hl_caller', 'hl_staff'), 'staff')).toContain('Forbidden');
  expect(await status(talk.peer.visitor.cookie(), 'caller')).toContain('Forbidden');
  expect(await status(talk.peer.visitor.cookie().replace(/.(;|$)/, '%00$1'), 'staff')).toContain('Forbidden');
  const over = await caller(stack);
  const cookie = over.visitor.cookie();
  await over.visitor.call('POST', '/api/caller/exit');
  expect(await status(cookie, 'caller')).toContain('Forbidden');

  const first = await stranger();
  const [, sid = ''] = /"sid":"([^"]+)"/.exec(first.heard.find((t) => t.startsWith('40{')) ?? '') ?? [];
  first.tcp.destroy();
  const who = await caller(stack);
  const wire = await openWire({ url: stack.url, cookie: who.visitor.cookie(), query: liveQuery('caller') });
  wires.push(wire);
  wire.text(`40{"token":"admin","role":"administrator","pid":"${sid}","offset":"${sid}"}`);
  expect(await wire.waitFor('the connect', (t) => t.startsWith('40'))).not.toContain('pid');
  expect(codeOf(await ask(wire, 'board.view', '{}'))).toBe('access.denied');
});

test('[B25] a page of others opens no socket', async () => {
  for (const origin of [
    'https://evil.example',
    'null',
    stack.url.replace('http:', 'https:'),
    `${stack.url}.evil.example`,
    '',
    null,
  ]) {
    const wire = await openWire({ url: stack.url, origin, cookie: talk.caller.visitor.cookie() });
    await wire.closed;
    expect(wire.answer, String(origin)).toContain('Forbidden');
  }
});

test('[B1] connections that are reset while their session is looked up end no process', async () => {
  for (let n = 0; n < 200 && stack.running('server1'); n++)
    await resetDuringHandshake({ url: stack.url, cookie: `hl_caller=${'A'.repeat(43)}` }, n % 4);
  expect(stack.running('server1')).toBe(true);
  await answers(await stranger());
});

test('nothing of all that stopped or unsettled the server, or stands in its log', async () => {
  expect(stack.running('server1')).toBe(true);
  expect(stack.output()).not.toContain(canary);
  expect(stack.output()).not.toMatch(/"level":(50|60)/);
  expect((await knock<DeskView>(talk.peer, 'desk.view')).conversations[0]).toMatchObject({ state: 'live', lastSeq: 0 });
});
