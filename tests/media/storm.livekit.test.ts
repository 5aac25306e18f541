import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { dispose } from '@livekit/rtc-node';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { reconcileCalls } from '@hearthline/server/due/reconcileCalls';
import { AccessToken } from 'livekit-server-sdk';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { must, until } from '../support/line.ts';
import { startTestLivekit, type TestLivekit } from '../support/livekit.ts';
import { freePort, served } from './app.ts';
import { callLine, isOut, type CallLine } from './callers.ts';
import { tell, type Hook } from './hooks.ts';

/** What a real LiveKit server says of its rooms, caught on the way and told again as a storm (F31). */
const caught: (Hook & { event: string })[] = [];
const catcher = createServer((req, res) => {
  const pieces: Buffer[] = [];
  req.on('data', (piece: Buffer) => pieces.push(piece));
  req.on('end', () => {
    const body = Buffer.concat(pieces).toString();
    const { event = '' } = JSON.parse(body) as { event?: string };
    caught.push({ body, authorization: req.headers.authorization ?? '', event });
    res.end('{}');
  });
});
let livekit: TestLivekit;
let line: CallLine;
beforeAll(async () => {
  const webhookPort = await freePort();
  catcher.listen(webhookPort, '127.0.0.1');
  await once(catcher, 'listening');
  livekit = await startTestLivekit({ webhook: webhookPort });
});
afterAll(async () => {
  await livekit?.stop();
  catcher.close();
  await dispose();
});
beforeEach(async () => {
  caught.length = 0;
  line = await callLine(livekit, { HEARTHLINE_PHONE: '1', PORT: String(await freePort()) });
});
afterEach(() => line.close());

/** In any order, some two and three times, some never; the same for the same seed. */
const stormOf = (hooks: readonly Hook[], seed: number): Hook[] => {
  const [order] = fc.sample(fc.array(fc.nat(hooks.length - 1), { minLength: 60, maxLength: 60 }), { seed, numRuns: 1 });
  return (order ?? []).flatMap((i) => hooks[i] ?? []);
};
const count = (event: string) => caught.filter((hook) => hook.event === event).length;

test.each([1, 7, 42, 2026])(
  '[F31] webhooks in another order, repeated and lost (seed %i): the rows are what the media server has, each effect once',
  async (seed) => {
    const server = await served(line.deps);
    const { caller, peer, conversationId } = await line.voiceTalk();
    const name = (await line.seat(caller, conversationId), await line.roomNow(conversationId))?.name ?? '';
    await line.join(caller, conversationId);
    await line.join(caller, conversationId); // once more: the earlier place ends
    await line.join(peer, conversationId);
    const token = new AccessToken(livekit.key, livekit.secret, { identity: randomUUID(), ttl: 60 });
    token.addGrant({ room: name, roomJoin: true });
    const stranger = await line.enter(await token.toJwt());
    await line.dial(`phone-test_+15550100_${randomUUID().slice(0, 12)}`);
    await until('all was said', async () => count('participant_joined') >= 5 && count('participant_left') >= 1);

    const background = reconcileCalls(line.deps);
    const since = performance.now();
    const storm = stormOf(caught, seed);
    const answers = await Promise.all(storm.map((hook) => tell(server.url, hook)));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    await isOut(stranger);
    await until('the next room', async () => (await line.roomNow(conversationId))?.generation === 2, 20_000);
    const phones = async () =>
      (await line.deps.sql.query<{ id: string }>(`select id from request where channel = 'phone'`, [])).rows.length;
    await until('the telephone is in line', async () => (await phones()) === 1, 20_000);
    expect(performance.now() - since).toBeLessThan(20_000);
    const seats = [(await line.seat(caller, conversationId)).token, (await line.seat(peer, conversationId)).token];
    for (const seat of seats) await line.enter(seat);

    await Promise.all(stormOf(caught, seed + 1).map((hook) => tell(server.url, hook)));
    must(await endConversation(line.deps, peer, { commandId: randomUUID(), conversationId, reason: 'finished' }));
    await until('the rooms are gone', async () => (await line.rooms.listRooms()).length === 1, 20_000); // the telephone's
    await Promise.all(stormOf(caught, seed + 2).map((hook) => tell(server.url, hook)));
    await background.stop();
    await server.stop();
    const { rows } = await line.deps.sql.query<{ open: number }>(
      'select count(*) filter (where gone_at is null)::int as open from media_room',
      [],
    );
    expect(rows[0]?.open).toBe(0);
    expect(await phones()).toBe(1);
    const once = ['media.strangerPutOut', 'media.roomChanged', 'phone.began', 'conversation.ended', 'request.opened'];
    expect(await Promise.all(once.map((action) => line.audited(action)))).toEqual([1, 1, 1, 1, 2]);
  },
);
