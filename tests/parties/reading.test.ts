import { randomBytes, randomUUID } from 'node:crypto';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { leaveConversation, removeParty } from '@hearthline/server/commands/parties/leaveConversation';
import { createLane } from '@hearthline/server/delivery/lane';
import { fetchMessages, handOutKeys } from '@hearthline/server/delivery/transcript';
import type { Actor, CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { callerView } from '@hearthline/server/presenters/callerView';
import { talksIn } from '@hearthline/server/presenters/talksIn';
import type { Message } from '@hearthline/shared/contracts/message';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, until, testLine, type TestLine } from '../support/line.ts';
import { clinicianOf, comesIn } from '../support/parties.ts';

let line: TestLine;
let maya: StaffActor;
let ana: StaffActor;
let caller: CallerActor;
let conversationId: string;
let lane: ReturnType<typeof createLane>;
beforeEach(async () => {
  line = await testLine();
  ({ peer: maya, caller, conversationId } = await line.talk());
  ana = await clinicianOf(line);
  lane = createLane({ pool: line.deps.pool, clock: line.deps.clock, deliver: () => {} });
});
afterEach(() => line.close());

const command = () => ({ commandId: randomUUID(), conversationId });
const sealed = (epoch: number) => ({
  conversationId,
  clientId: randomUUID(),
  epoch,
  iv: randomBytes(12).toString('base64'),
  ciphertext: randomBytes(80).toString('base64'),
});
const send = async (by: Actor, epoch: number) => {
  const answer = await lane.send(by.id, sealed(epoch));
  return answer.ok ? answer.value.seq : answer.code;
};
async function reads(who: Actor, after = 0): Promise<{ seqs: number[]; last: number; epochs: number[] } | string> {
  const page = await fetchMessages(line.deps, who, { conversationId, after });
  const keys = await handOutKeys(line.deps, who, conversationId);
  if (!page.ok || !keys.ok) return `${page.ok || page.code} ${keys.ok || keys.code}`;
  const { messages, lastSeq } = page.value;
  return { seqs: messages.map((m: Message) => m.seq), last: lastSeq, epochs: keys.value.keys.map((k) => k.epoch) };
}
const gone = 'conversation.gone conversation.gone';

test('[PA3] who comes in reads from there on, or all of it where the caller has agreed; nobody who was not in it', async () => {
  expect([await send(caller, 1), await send(maya, 1)]).toEqual([1, 2]);
  expect(await reads(ana)).toBe(gone);
  await comesIn(line.deps, conversationId, ana.id);
  expect(await send(caller, 1)).toBe('message.staleEpoch');
  expect([await send(caller, 2), await send(ana, 2), await send(maya, 2)]).toEqual([3, 4, 5]);
  expect(await reads(ana)).toEqual({ seqs: [3, 4, 5], last: 5, epochs: [2] });
  expect(await reads(ana, -7)).toEqual({ seqs: [3, 4, 5], last: 5, epochs: [2] });
  for (const one of [caller, maya])
    expect(await reads(one)).toEqual({ seqs: [1, 2, 3, 4, 5], last: 5, epochs: [1, 2] });
  expect(await talksIn(line.deps, ana)).toMatchObject([{ fromSeq: 3, lastSeq: 5, epoch: 2 }]);
  const tom = await clinicianOf(line, 'Tom');
  await comesIn(line.deps, conversationId, tom.id, 'all');
  expect(await reads(tom)).toEqual({ seqs: [1, 2, 3, 4, 5], last: 5, epochs: [1, 2, 3] });
  const view = await callerView(line.deps, caller);
  if (view.stage !== 'talking') throw new Error(view.stage);
  expect(view.conversation.parties.map((p) => p.reads)).toEqual(['all', 'all', 'fromJoining', 'all']);
});

test('[PA4] a peer who has left reads what was there until then, while the wrap-up is due, and writes nothing', async () => {
  expect(await send(maya, 1)).toBe(1);
  await comesIn(line.deps, conversationId, ana.id, 'all');
  expect(await send(caller, 2)).toBe(2);
  must(await leaveConversation(line.deps, maya, command()));
  expect([await send(caller, 3), await send(ana, 3)]).toEqual([3, 4]);
  expect([await send(maya, 3), await send(maya, 2)]).toEqual(['conversation.gone', 'conversation.gone']);
  expect(await reads(maya)).toEqual({ seqs: [1, 2], last: 2, epochs: [1, 2] });
  expect(await talksIn(line.deps, maya)).toMatchObject([{ state: 'wrapUp', lastSeq: 2, epoch: 2 }]);
  await line.deps.sql.query(`update wrap_up set state = 'done', submitted_at = now()`, []);
  expect(await reads(maya)).toBe(gone);
  expect(await reads(ana)).toEqual({ seqs: [1, 2, 3, 4], last: 4, epochs: [1, 2, 3] });
});

test('[PA4][CT5] whom the caller has asked to leave reads nothing more; one who comes again reads from then', async () => {
  await comesIn(line.deps, conversationId, ana.id, 'all');
  expect(await send(caller, 2)).toBe(1);
  must(await removeParty(line.deps, caller, { ...command(), partyId: ana.id }));
  expect(await reads(ana)).toBe(gone);
  expect(await send(caller, 3)).toBe(2);
  await comesIn(line.deps, conversationId, ana.id);
  expect(await send(caller, 4)).toBe(3);
  expect(await reads(ana)).toEqual({ seqs: [3], last: 3, epochs: [4] });
});

test('[PA4] a clinician reads the talk that ended with them while they have it to write up, and no other', async () => {
  const tom = await clinicianOf(line, 'Tom');
  for (const one of [ana, tom]) await comesIn(line.deps, conversationId, one.id, 'all');
  expect(await send(caller, 3)).toBe(1);
  await line.deps.sql.query(
    `insert into escalation (id, line_id, conversation_id, kind, raised_by, raised_by_id, raised_at, state, owner_id, joined_at)
     values (gen_random_uuid(), $1, $2, 'handOff', 'peer', $3, now(), 'joined', $4, now())`,
    [line.lineId, conversationId, maya.id, ana.id],
  );
  must(await endConversation(line.deps, caller, { ...command(), reason: 'finished' }));
  expect([await reads(ana), await reads(tom)]).toEqual([{ seqs: [1], last: 1, epochs: [1, 2, 3] }, gone]);
  await line.deps.sql.query(`update escalation set state = 'closed', ended_at = now()`, []);
  expect(await reads(ana)).toBe(gone);
});

test('[PA2][DE3] messages while people come and go: none is lost, none is doubled, each under the epoch it was stored in', async () => {
  const epochNow = async () =>
    (await line.deps.sql.query<{ epoch: number }>('select epoch from conversation where id = $1', [conversationId]))
      .rows[0]?.epoch ?? 0;
  /** As a page: sealed anew, under a new id, only where it is certain that nothing was stored. */
  async function insist(by: Actor): Promise<number> {
    for (let message = sealed(await epochNow()); ;) {
      const answer = await lane.send(by.id, message);
      if (answer.ok) return answer.value.seq;
      if (answer.code === 'message.staleEpoch') message = sealed(await epochNow());
      else if (answer.code !== 'server.busy') throw new Error(answer.code);
    }
  }
  const seqs: number[] = [];
  /** Somebody writes under each epoch. */
  const said = (since: number) => until('more is said', () => Promise.resolve(seqs.length > since));
  let goingOn = true;
  const coming = (async () => {
    for (let i = 0; i < 10; i++) {
      await comesIn(line.deps, conversationId, ana.id);
      await said(seqs.length);
      must(await leaveConversation(line.deps, ana, command()));
      await said(seqs.length);
    }
    goingOn = false;
  })();
  const talker = async (by: Actor) => {
    for (let i = 0; i < 25 || goingOn; i++) seqs.push(...(await Promise.all([insist(by), insist(by)])));
  };
  await Promise.all([coming, talker(caller), talker(maya)]);
  expect(seqs.length).toBeGreaterThanOrEqual(100);
  expect(seqs.sort((a, b) => a - b)).toEqual(seqs.map((_, i) => i + 1));
  const { rows } = await line.deps.sql.query<{ n: number; epochs: number }>(
    `select count(*)::int as n, count(distinct epoch)::int as epochs from message where conversation_id = $1`,
    [conversationId],
  );
  expect(rows[0]?.n).toBe(seqs.length);
  expect(rows[0]?.epochs).toBeGreaterThan(10);
  expect(await epochNow()).toBe(21);
});
