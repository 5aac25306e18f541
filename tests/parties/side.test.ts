import { randomBytes, randomUUID } from 'node:crypto';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { returnCaller } from '@hearthline/server/commands/conversations/returnCaller';
import { leaveConversation } from '@hearthline/server/commands/parties/leaveConversation';
import { staffAway, staffBack } from '@hearthline/server/commands/parties/staffPresence';
import { createLane } from '@hearthline/server/delivery/lane';
import { fetchMessages, handOutKeys } from '@hearthline/server/delivery/transcript';
import { purgeDue } from '@hearthline/server/due/keepKeys';
import { sweepPresence } from '@hearthline/server/due/presenceSweep';
import { boardView } from '@hearthline/server/presenters/boardView';
import { callerView } from '@hearthline/server/presenters/callerView';
import { deskView } from '@hearthline/server/presenters/deskView';
import { talksIn } from '@hearthline/server/presenters/talksIn';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { presenceEpochKey } from '@hearthline/server/storage/redis/keys';
import { DeskView } from '@hearthline/shared/contracts/views';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, testLine, type TestLine } from '../support/line.ts';
import { clinicianOf, sideOpens } from '../support/parties.ts';

let line: TestLine;
let maya: StaffActor;
let ana: StaffActor;
let caller: CallerActor;
let [conversationId, side] = ['', ''];
beforeEach(async () => {
  line = await testLine();
  ({ peer: maya, caller, conversationId } = await line.talk());
  ana = await clinicianOf(line);
  side = await sideOpens(line.deps, conversationId, ana.id);
});
afterEach(() => line.close());
const of = (id: string) => ({ commandId: randomUUID(), conversationId: id });
const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';
const one = async <T>(text: string, ...params: unknown[]) => (await line.deps.sql.query<T>(text, params)).rows[0];
const sideState = async () =>
  (await one<{ state: string }>('select state from conversation where id = $1', side))?.state;

test('[PA6] peer and clinician alone, in text; the caller is not in it and nothing of it is theirs', async () => {
  expect(await sideOpens(line.deps, conversationId, ana.id)).toBe(side);
  const lane = createLane({ pool: line.deps.pool, clock: line.deps.clock, deliver: () => {} });
  const write = (by: { id: string }) =>
    code(
      lane.send(by.id, {
        conversationId: side,
        clientId: randomUUID(),
        epoch: 1,
        iv: randomBytes(12).toString('base64'),
        ciphertext: randomBytes(80).toString('base64'),
      }),
    );
  expect([await write(maya), await write(ana), await write(caller)]).toEqual(['ok', 'ok', 'conversation.gone']);
  for (const who of [maya, ana]) {
    expect(must(await fetchMessages(line.deps, who, { conversationId: side, after: 0 })).messages).toHaveLength(2);
    expect(must(await handOutKeys(line.deps, who, side)).keys).toHaveLength(1);
  }
  expect(await code(handOutKeys(line.deps, caller, side))).toBe('conversation.gone');
  expect(await code(handOutKeys(line.deps, ana, conversationId))).toBe('conversation.gone');
  const desk = DeskView.parse(await deskView(line.deps, maya));
  expect(desk.conversations.map((c) => [c.id, c.sideOf, c.name, c.as])).toEqual([
    [conversationId, null, 'Sparrow', 'peer'],
    [side, conversationId, 'Ana', 'peer'],
  ]);
  expect(desk.peer.chats).toBe(1);
  expect(await talksIn(line.deps, ana)).toMatchObject([{ id: side, name: 'Maya', callerId: maya.id, can: ['leave'] }]);
  const view = await callerView(line.deps, caller);
  expect(view.stage === 'talking' && view.conversation.parties.map((p) => p.role)).toEqual(['caller', 'peer']);
});

test('[PA6] it is no talk with a caller: in no number, no load, no timer, and never with the head of the line', async () => {
  const here = line.deps.lines.byId(line.lineId);
  if (!here) throw new Error('no line');
  const board = await boardView(line.deps, here);
  expect([board.conversations.length, board.measures.conversations, board.peers[0]?.chats]).toEqual([1, 1, 1]);
  expect(await one('select load from peer_state where staff_id = $1', maya.id)).toEqual({ load: 50 });
  await staffAway(line.deps, maya.id);
  expect(await talksIn(line.deps, ana)).toMatchObject([{ callerPresence: 'comingBack' }]);
  await line.deps.sql.query(`update conversation set peer_lost_at = now() - interval '5 minutes'`, []);
  expect(must(await returnCaller(line.deps, side)).done).toBe(false);
  expect(await one(`select array_agg(subject_id) as ids from due where kind = 'conversation.return'`)).toEqual({
    ids: [conversationId],
  });
  await staffBack(line.deps, maya.id);
  expect(await talksIn(line.deps, ana)).toMatchObject([{ callerPresence: 'here' }]);
  await line.deps.redis.set(presenceEpochKey, '1');
  await sweepPresence(line.deps); // somebody without a caller is nobody's absence
  expect(await one('select count(*)::int as n from conversation where caller_lost_at is not null')).toEqual({ n: 0 });
});

test.each(['leave by the clinician', 'end by the peer', 'end of the conversation', 'another clinician'])(
  '[PA6] it ends with: %s',
  async (how) => {
    const tom = await clinicianOf(line, 'Tom');
    expect(await code(leaveConversation(line.deps, tom, of(side)))).toBe('conversation.gone');
    if (how.startsWith('leave')) must(await leaveConversation(line.deps, ana, of(side)));
    else if (how.endsWith('peer')) must(await endConversation(line.deps, maya, { ...of(side), reason: 'other' }));
    else if (how.startsWith('end'))
      must(await endConversation(line.deps, caller, { ...of(conversationId), reason: 'other' }));
    else expect(await sideOpens(line.deps, conversationId, tom.id)).not.toBe(side);
    expect(await sideState()).toBe('ended');
    expect(await code(leaveConversation(line.deps, ana, of(side)))).toBe('conversation.ended');
    expect(await code(handOutKeys(line.deps, ana, side))).toBe('conversation.gone');
    expect(await talksIn(line.deps, ana)).toEqual([]);
    expect(await one('select count(*)::int as n from wrap_up where conversation_id = $1', side)).toEqual({ n: 0 });
  },
);

test('[PA6][I17] it is purged like any other, and goes with its caller', async () => {
  must(await endConversation(line.deps, caller, { ...of(conversationId), reason: 'other' }));
  await line.deps.sql.query(`update conversation set purge_due_at = now() - interval '1 day'`, []);
  expect(await purgeDue(line.deps)).toBe(2);
  expect(await one('select count(*)::int as n from epoch_key')).toEqual({ n: 0 });
  await line.deps.sql.query('delete from caller where id = $1', [caller.id]);
  expect(await one('select count(*)::int as n from conversation')).toEqual({ n: 0 });
});
