import { putOutRemoved } from '@hearthline/server/commands/media/putOutRemoved';
import { takeSeat } from '@hearthline/server/commands/media/takeSeat';
import { leaveConversation } from '@hearthline/server/commands/parties/leaveConversation';
import { answerChannel, proposeChannel } from '@hearthline/server/commands/channels/changeChannel';
import { leaseMs, sweepPresence } from '@hearthline/server/due/presenceSweep';
import { callerView } from '@hearthline/server/presenters/callerView';
import { presenceEpochKey, presenceKey } from '@hearthline/server/storage/redis/keys';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, testLine, type TestLine } from '../support/line.ts';
import { clinicianOf, comesIn } from '../support/parties.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());
const command = (conversationId: string) => ({ commandId: randomUUID(), conversationId });

test('[PE5] a clinician whose server died with them is shown as lost within a lease; who has a page is not', async () => {
  const { caller, peer, conversationId } = await line.talk();
  const [ana, tom] = [await clinicianOf(line), await clinicianOf(line, 'Tom')];
  for (const { id } of [ana, tom]) await comesIn(line.deps, conversationId, id);
  const now = line.deps.clock.now().getTime();
  await line.deps.redis.set(presenceEpochKey, String(now - 2 * leaseMs));
  for (const { id } of [caller, peer, ana]) await line.deps.redis.zadd(presenceKey, now + leaseMs, id);
  await line.deps.sql.query(`update participant set joined_at = joined_at - interval '1 minute'`, []);
  await sweepPresence(line.deps);
  const view = await callerView(line.deps, caller);
  if (view.stage !== 'talking') throw new Error(view.stage);
  expect(view.conversation.parties.map((p) => [p.name, p.presence])).toEqual([
    ['Sparrow', 'here'],
    ['Maya', 'here'],
    ['Ana', 'here'],
    ['Tom', 'comingBack'],
  ]);
});

test('[ME2][ME7][PA2] a call of three: each a seat, the next room with every change, and no seat for who has left', async () => {
  const { caller, peer, conversationId } = await line.talk();
  const ana = await clinicianOf(line);
  const seat = async (who: typeof caller | typeof peer) => {
    const taken = await takeSeat(line.deps, who, { conversationId, canEncrypt: true });
    if (!taken.ok) return taken.code;
    if (taken.value.engine !== 'direct') throw new Error('direct');
    return [taken.value.generation, taken.value.epoch, taken.value.others.length];
  };
  must(await proposeChannel(line.deps, caller, { ...command(conversationId), channel: 'voice' }));
  must(await answerChannel(line.deps, peer, { ...command(conversationId), channel: 'voice', yes: true }));
  expect([await seat(caller), await seat(peer), await seat(ana)]).toEqual([[1, 1, 1], [1, 1, 1], 'conversation.gone']);
  await comesIn(line.deps, conversationId, ana.id);
  expect([await seat(caller), await seat(ana), await seat(peer)]).toEqual([
    [2, 2, 2],
    [2, 2, 2],
    [2, 2, 2],
  ]);
  const ask = async (who: typeof caller | typeof peer) =>
    (await proposeChannel(line.deps, who, { ...command(conversationId), channel: 'video' })).ok;
  expect([await ask(ana), await ask(peer)]).toEqual([false, true]);
  must(await leaveConversation(line.deps, peer, command(conversationId)));
  expect([await seat(peer), await seat(ana)]).toEqual(['conversation.gone', [3, 3, 1]]);
  const view = await callerView(line.deps, caller);
  expect(view.stage === 'talking' && view.conversation.proposal).toBeNull(); // what Maya had asked went with her
  // a room that has not changed, as that of a telephone: whoever has left is found in it
  await line.deps.sql.query(
    `insert into media_seat select id, $2, 'left.behind', now() from media_room where conversation_id = $1 and closed_at is null`,
    [conversationId, peer.id],
  );
  const left = async () =>
    (await line.deps.sql.query(`select 1 from media_seat where identity = 'left.behind'`, [])).rowCount;
  expect(await left()).toBe(1);
  await putOutRemoved(line.deps);
  expect(await left()).toBe(0);
});

test('[CH7] once the peer has left a call costs nobody anything', async () => {
  const { caller, peer, conversationId } = await line.talk();
  const ana = await clinicianOf(line);
  await comesIn(line.deps, conversationId, ana.id);
  must(await leaveConversation(line.deps, peer, command(conversationId)));
  must(await proposeChannel(line.deps, ana, { ...command(conversationId), channel: 'voice' }));
  must(await answerChannel(line.deps, caller, { ...command(conversationId), channel: 'voice', yes: true }));
  const { rows } = await line.deps.sql.query<{ load: number; cost: number }>(
    `select s.load, c.cost from peer_state s, conversation c where s.staff_id = $1 and c.id = $2`,
    [peer.id, conversationId],
  );
  expect(rows).toEqual([{ load: 50, cost: 50 }]);
});
