import { randomUUID } from 'node:crypto';
import { answerChannel, proposeChannel, withdrawChannel } from '@hearthline/server/commands/channels/changeChannel';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { acceptOffer } from '@hearthline/server/commands/offers/answerOffer';
import { setChannels } from '@hearthline/server/commands/peers/workShift';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { setRequestChannel } from '@hearthline/server/commands/requests/setChannel';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { callerView } from '@hearthline/server/presenters/callerView';
import { deskView } from '@hearthline/server/presenters/deskView';
import type { Channel, TalkChannel } from '@hearthline/shared/contracts/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());

const command = () => ({ commandId: randomUUID() });
const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';
const load = async (peer: StaffActor) =>
  (await line.deps.sql.query<{ load: number }>('select load from peer_state where staff_id = $1', [peer.id])).rows[0]
    ?.load;
const rooms = async (conversationId: string) =>
  (
    await line.deps.sql.query<{ generation: number; open: boolean }>(
      'select generation, closed_at is null as open from media_room where conversation_id = $1 order by generation',
      [conversationId],
    )
  ).rows;
async function talkBy(
  channel: TalkChannel,
): Promise<{ caller: CallerActor; peer: StaffActor; conversationId: string }> {
  const peer = await line.peer('Maya');
  const caller = await line.caller();
  must(await openRequest(line.deps, caller, channel));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  return { caller, peer, ...must(await accept(peer)) };
}
async function accept(peer: StaffActor) {
  const { rows } = await line.deps.sql.query<{ id: string }>(
    `select id from offer where peer_id = $1 and state = 'pending'`,
    [peer.id],
  );
  return acceptOffer(line.deps, peer, { ...command(), offerId: rows[0]?.id ?? '' });
}

test('[CH1][CH6] chat → voice → video → chat without queueing again; cost and room change with it', async () => {
  const { caller, peer, conversationId } = await talkBy('chat');
  const ask = (by: CallerActor | StaffActor, channel: TalkChannel) =>
    code(proposeChannel(line.deps, by, { ...command(), conversationId, channel }));
  const say = (by: CallerActor | StaffActor, yes: boolean, asked: TalkChannel = 'voice') =>
    code(answerChannel(line.deps, by, { ...command(), conversationId, channel: asked, yes }));
  const seen = async () => {
    const view = await callerView(line.deps, caller);
    if (view.stage !== 'talking') throw new Error(view.stage);
    const { channel, proposal, room } = view.conversation;
    return {
      channel,
      asked: proposal && `${proposal.channel} ${proposal.mine ? 'mine' : 'theirs'}`,
      room: room?.generation,
    };
  };
  expect(await load(peer)).toBe(50);
  expect(await ask(caller, 'voice')).toBe('ok');
  expect(await seen()).toEqual({ channel: 'chat', asked: 'voice mine', room: undefined });
  expect((await deskView(line.deps, peer)).conversations[0]?.proposal).toEqual({ channel: 'voice', mine: false });
  expect(await say(caller, true)).toBe('channel.gone');
  expect(await say(peer, true)).toBe('ok');
  expect(await seen()).toEqual({ channel: 'voice', asked: null, room: 1 });
  expect(await load(peer)).toBe(100);
  expect(await ask(peer, 'video')).toBe('ok');
  expect(await say(caller, true, 'voice')).toBe('channel.gone'); // [CH4] what was shown is asked no more
  expect(await say(caller, false, 'video')).toBe('ok');
  expect(await seen()).toEqual({ channel: 'voice', asked: null, room: 1 });
  expect([await ask(caller, 'video'), await ask(peer, 'video')]).toEqual(['ok', 'ok']); // CH3
  expect(await seen()).toEqual({ channel: 'video', asked: null, room: 1 });
  expect(await ask(peer, 'chat')).toBe('ok'); // CH2
  expect(await seen()).toEqual({ channel: 'chat', asked: null, room: undefined });
  expect(await load(peer)).toBe(50);
  expect([await ask(caller, 'voice'), await say(peer, true)]).toEqual(['ok', 'ok']);
  expect(await rooms(conversationId)).toEqual([
    { generation: 1, open: false },
    { generation: 2, open: true },
  ]);
  must(await endConversation(line.deps, caller, { ...command(), conversationId, reason: 'finished' }));
  expect((await rooms(conversationId)).some((r) => r.open)).toBe(false);
});

test('[CH5] a wish is taken back by whoever had it, and by nobody else', async () => {
  const { caller, peer, conversationId } = await talkBy('chat');
  must(await proposeChannel(line.deps, peer, { ...command(), conversationId, channel: 'video' }));
  const back = (by: CallerActor | StaffActor) => code(withdrawChannel(line.deps, by, { ...command(), conversationId }));
  expect([await back(caller), await back(peer), await back(peer)]).toEqual(['channel.gone', 'ok', 'channel.gone']);
});

test('[CH7] a peer with somebody else beside is not asked for a call; two wishes at once do not overload anybody', async () => {
  const { caller, peer, conversationId } = await talkBy('chat');
  const second = await line.caller();
  must(await openRequest(line.deps, second, 'chat'));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const other = must(await accept(peer)).conversationId;
  const ask = (by: CallerActor, id: string) =>
    code(proposeChannel(line.deps, by, { ...command(), conversationId: id, channel: 'voice' }));
  expect([await ask(caller, conversationId), await ask(second, other)]).toEqual(['channel.noRoom', 'channel.noRoom']);
  expect(await load(peer)).toBe(100);
});

test('[MA5] a call is offered to somebody who takes calls and has nothing else; a chat goes past it', async () => {
  const maya = await line.peer('Maya');
  must(await setChannels(line.deps, maya, { ...command(), channels: ['chat'] }));
  must(await openRequest(line.deps, await line.caller(), 'voice'));
  expect(await offersMade(line.deps, line.lineId)).toBe(0);
  must(await openRequest(line.deps, await line.caller(), 'chat'));
  expect(await offersMade(line.deps, line.lineId)).toBe(1); // Maya is asked for the chat
  await line.peer('Idris');
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const { rows } = await line.deps.sql.query<{ channel: Channel; cost: number }>(
    `select r.channel, o.cost from offer o join request r on r.id = o.request_id where o.state = 'pending' order by cost`,
    [],
  );
  expect(rows).toEqual([
    { channel: 'chat', cost: 50 },
    { channel: 'voice', cost: 100 },
  ]);
});

test('[PE9] a channel no longer taken: what was just being asked of it goes back without a mark, and only that', async () => {
  const maya = await line.peer('Maya');
  must(await openRequest(line.deps, await line.caller(), 'voice'));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  must(await setChannels(line.deps, maya, { ...command(), channels: ['voice', 'chat'] }));
  expect((await deskView(line.deps, maya)).offers).toHaveLength(1);
  must(await setChannels(line.deps, maya, { ...command(), channels: ['chat'] }));
  expect(await deskView(line.deps, maya)).toMatchObject({
    offers: [],
    peer: { state: 'available', channels: ['chat'] },
  });
  expect(await load(maya)).toBe(0);
});

test('[RQ8] another channel while waiting keeps the place and the age', async () => {
  const caller = await line.caller();
  await line.peer('Maya');
  const first = must(await openRequest(line.deps, caller, 'voice')).requestId;
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const before = await callerView(line.deps, caller);
  must(await setRequestChannel(line.deps, caller, { ...command(), channel: 'chat' }));
  const after = await callerView(line.deps, caller);
  expect(after).toMatchObject({ stage: 'waiting', requestId: first, channel: 'chat', offered: false });
  expect('joinedAt' in after && 'joinedAt' in before && after.joinedAt === before.joinedAt).toBe(true);
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  expect(await code(setRequestChannel(line.deps, await line.caller(), { ...command(), channel: 'chat' }))).toBe(
    'request.gone',
  );
});

test('a line that talks in text only says so to whoever asks for more', async () => {
  const { lineId } = line;
  await line.deps.sql.query(`update line set config = jsonb_set(config, '{channels}', '["chat"]') where id = $1`, [
    lineId,
  ]);
  await line.deps.lines.load();
  const { caller, conversationId } = await talkBy('chat');
  expect(await code(proposeChannel(line.deps, caller, { ...command(), conversationId, channel: 'voice' }))).toBe(
    'media.off',
  );
  expect(await code(openRequest(line.deps, await line.caller(), 'voice'))).toBe('media.off');
});
