import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { keepPhoneLines } from '@hearthline/server/media/phoneLines';
import { SipClient } from 'livekit-server-sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { livekitPlace, startLivekit, type PrivateLivekit } from '../../tools/services/livekit.mjs';
import { findLivekit } from '../../tools/services/livekitBinary.mjs';
import { lineConfig, testLine, type TestLine } from '../support/line.ts';
import { freshFolder, redisFor, ROOT } from '../support/services.ts';

/** LiveKit keeps trunks and rules in Redis, as its SIP service needs one too. */
let redis: Awaited<ReturnType<typeof redisFor>>;
let livekit: PrivateLivekit;
let line: TestLine;
const closes: (() => void)[] = [];
beforeEach(async () => {
  redis = await redisFor();
  const found = findLivekit(join(ROOT, '.tools'), { docker: false });
  if (!found) throw new Error('no LiveKit server: the runner must not have started this suite');
  const withRedis = { ...found, before: [...found.before, '--redis-host', redis.url] };
  livekit = await startLivekit(await livekitPlace({ data: freshFolder('livekit') }), withRedis);
  line = await testLine();
});
afterEach(async () => {
  for (const close of closes.splice(0)) close();
  await line.close();
  await livekit.stop();
  await redis.stop();
});

test('a trunk named after a line leads to a waiting room of its own a call, without the number; once', async () => {
  const sip = new SipClient(livekit.url, livekit.key, livekit.secret);
  const keep = () => keepPhoneLines(livekit, line.deps.lines, line.deps.log);
  expect(await keep()).toEqual([]);
  expect(await sip.listSipDispatchRule()).toEqual([]); // no trunk, no rule: nothing of others is answered
  await sip.createSipInboundTrunk('of somebody else', ['+15550199']);
  const trunk = await sip.createSipInboundTrunk('test', ['+15550100']);
  expect(await keep()).toEqual(['test']);
  const rules = await sip.listSipDispatchRule();
  expect(rules).toHaveLength(1);
  expect(rules[0]).toMatchObject({
    trunkIds: [trunk.sipTrunkId],
    hidePhoneNumber: true,
    name: 'hearthline test',
    rule: { rule: { case: 'dispatchRuleCallee', value: { roomPrefix: 'phone-test', randomize: true, pin: '' } } },
  });
  await Promise.allSettled([keep(), keep(), keep()]);
  expect(await keep()).toEqual(['test']);
  expect(await sip.listSipDispatchRule()).toHaveLength(1);
});

test('a rule that the operator has made for the trunk is left alone', async () => {
  const sip = new SipClient(livekit.url, livekit.key, livekit.secret);
  const trunk = await sip.createSipInboundTrunk('test', ['+15550100']);
  const own = await sip.createSipDispatchRule(
    { type: 'individual', roomPrefix: 'phone-test' },
    { trunkIds: [trunk.sipTrunkId], hidePhoneNumber: true },
  );
  expect(await keepPhoneLines(livekit, line.deps.lines, line.deps.log)).toEqual(['test']);
  expect((await sip.listSipDispatchRule()).map((rule) => rule.sipDispatchRuleId)).toEqual([own.sipDispatchRuleId]);
});

test('a trunk that is added later gets its rule, and one that cannot have one keeps no other line from its own', async () => {
  const sip = new SipClient(livekit.url, livekit.key, livekit.secret);
  const keep = () => keepPhoneLines(livekit, line.deps.lines, line.deps.log);
  const first = await sip.createSipInboundTrunk('test', ['+15550100']);
  expect(await keep()).toEqual(['test']);
  const second = await sip.createSipInboundTrunk('test', ['+15550101']);
  expect(await keep()).toEqual(['test']);
  const named = (await sip.listSipDispatchRule()).flatMap((rule) => rule.trunkIds);
  expect(named.toSorted()).toEqual([first.sipTrunkId, second.sipTrunkId].toSorted());

  await sip.createSipInboundTrunk('first-night', ['+15550102']);
  await sip.createSipInboundTrunk('second-night', ['+15550103']);
  const lines = ['first-night', 'second-night'].map((slug) => ({ id: slug, config: lineConfig({ slug }) }));
  const refusing = { ...livekit, url: await refusesTheRuleOf('first-night') };
  expect(await keepPhoneLines(refusing, { ...line.deps.lines, all: () => lines }, line.deps.log)).toEqual([
    'second-night',
  ]);
});

/** The media server, but for one answer. @returns its address */
async function refusesTheRuleOf(slug: string): Promise<string> {
  const before = createServer((req, res) => void pass(req, res));
  async function pass(req: IncomingMessage, res: ServerResponse) {
    const body = await buffer(req);
    if (req.url?.endsWith('CreateSIPDispatchRule') && body.includes(slug)) return res.writeHead(500).end();
    const headers = {
      authorization: req.headers.authorization ?? '',
      'content-type': req.headers['content-type'] ?? '',
    };
    const answer = await fetch(new URL(req.url ?? '', livekit.url), { method: 'POST', headers, body });
    res.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    return res.end(Buffer.from(await answer.arrayBuffer()));
  }
  await new Promise<void>((listening) => before.listen(0, '127.0.0.1', listening));
  closes.push(() => before.close());
  return `http://127.0.0.1:${(before.address() as AddressInfo).port}`;
}
