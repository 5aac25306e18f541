import { randomUUID } from 'node:crypto';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { chooseNextPeer, returnCaller } from '@hearthline/server/commands/conversations/returnCaller';
import { handOver, leaveConversation, removeParty } from '@hearthline/server/commands/parties/leaveConversation';
import { staffAway, staffBack } from '@hearthline/server/commands/parties/staffPresence';
import { submitWrapUp } from '@hearthline/server/commands/wrapUps/submitWrapUp';
import { callerView } from '@hearthline/server/presenters/callerView';
import { deskView } from '@hearthline/server/presenters/deskView';
import { talksIn } from '@hearthline/server/presenters/talksIn';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';
import { clinicianOf, comesIn } from '../support/parties.ts';

let line: TestLine;
let maya: StaffActor;
let ana: StaffActor;
let caller: CallerActor;
let conversationId: string;
beforeEach(async () => {
  line = await testLine();
  ({ peer: maya, caller, conversationId } = await line.talk());
  ana = await clinicianOf(line);
});
afterEach(() => line.close());

const command = () => ({ commandId: randomUUID(), conversationId });
const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';
const leave = (who: StaffActor) => code(leaveConversation(line.deps, who, command()));
const give = (from: StaffActor, to: StaffActor) => code(handOver(line.deps, from, { ...command(), to: to.id }));
const remove = (who: StaffActor) => code(removeParty(line.deps, caller, { ...command(), partyId: who.id }));
const one = async <T>(text: string, ...params: unknown[]) => (await line.deps.sql.query<T>(text, params)).rows[0];
const talk = () =>
  one<{ state: string; peer_id: string; epoch: number; lost: boolean }>(
    'select state, peer_id, epoch, peer_lost_at is not null as lost from conversation where id = $1',
    conversationId,
  );
async function seen() {
  const view = await callerView(line.deps, caller);
  if (view.stage !== 'talking') return view.stage;
  const { parties } = view.conversation;
  return parties.map((p) => `${p.name} ${p.role}${p.holds ? ' holds' : ''}${p.presence === 'here' ? '' : ' lost'}`);
}
const longAgo = (id = conversationId) =>
  line.deps.sql.query(`update conversation set peer_lost_at = peer_lost_at - interval '2 minutes' where id = $1`, [id]);
const back = async () => {
  await longAgo();
  return must(await returnCaller(line.deps, conversationId)).done;
};

test('[PA1][PA2] a clinician comes in, seen by all three, under a new epoch with a key; once', async () => {
  await comesIn(line.deps, conversationId, ana.id);
  await comesIn(line.deps, conversationId, ana.id);
  expect(await talk()).toMatchObject({ state: 'live', peer_id: maya.id, epoch: 2 });
  expect(await one('select count(*)::int as n from epoch_key where conversation_id = $1', conversationId)).toEqual({
    n: 2,
  });
  expect(await seen()).toEqual(['Sparrow caller', 'Maya peer holds', 'Ana clinician']);
  const [[desk], [ward]] = [await talksIn(line.deps, maya), await talksIn(line.deps, ana)];
  expect(desk).toMatchObject({
    as: 'peer',
    can: ['leave', 'end', 'handOver', 'channel', 'invite', 'raise'],
    fromSeq: 1,
  });
  expect(ward).toMatchObject({ as: 'clinician', can: ['leave'], name: null, callerId: caller.id });
  // the name that the caller gave is theirs to share (CS2)
  expect(ward?.parties).toEqual(desk?.parties.map((p) => (p.role === 'caller' ? { ...p, name: null } : p)));
  expect(ward?.parties.at(-1)).toMatchObject({ name: 'Ana', title: 'nurse', reads: 'fromJoining' });
  const nothing = { conversations: [] };
  expect(await deskView(line.deps, await line.peer('Idris'))).toMatchObject(nothing);
});

test('[CT2][PA4] the holder leaves: the clinician has it, the peer has a wrap-up and their room back with it', async () => {
  await comesIn(line.deps, conversationId, ana.id);
  expect(await leave(maya)).toBe('ok');
  expect(await talk()).toMatchObject({ state: 'live', peer_id: ana.id, epoch: 3 });
  expect(await seen()).toEqual(['Sparrow caller', 'Ana clinician holds']);
  const [mine] = (await deskView(line.deps, maya)).conversations;
  expect(mine).toMatchObject({ state: 'wrapUp', endedBy: 'peer', parties: [], room: null, can: [] });
  expect(await leave(maya)).toBe('conversation.gone');
  const wrap = { topic: 'Work', outcome: 'Ended together', strain: 1, debrief: false };
  must(await submitWrapUp(line.deps, maya, { ...command(), ...wrap }));
  expect(await one('select load from peer_state where staff_id = $1', maya.id)).toEqual({ load: 0 });
  expect((await deskView(line.deps, maya)).conversations).toEqual([]);
  must(await endConversation(line.deps, ana, { ...command(), reason: 'finished' }));
  expect(await seen()).toBe('ended');
  expect(await one('select state, peer_id from wrap_up where conversation_id = $1', conversationId)).toEqual({
    state: 'done',
    peer_id: maya.id,
  });
});

test('[CT2] the clinician who held it leaves: back to the peer; who does not hold it just leaves', async () => {
  await comesIn(line.deps, conversationId, ana.id);
  expect(await leave(ana)).toBe('ok');
  expect(await talk()).toMatchObject({ peer_id: maya.id, epoch: 3 });
  await comesIn(line.deps, conversationId, ana.id); // whoever has left may come again
  expect(await give(maya, ana)).toBe('ok');
  expect(await seen()).toEqual(['Sparrow caller', 'Maya peer', 'Ana clinician holds']);
  expect(await leave(ana)).toBe('ok');
  expect(await talk()).toMatchObject({ state: 'live', peer_id: maya.id });
  expect(await one('select count(*)::int as n from wrap_up')).toEqual({ n: 0 });
});

test('[CT2] nobody else is in it: the caller is at the head of the line, and not with the same peer at once', async () => {
  expect(await leave(maya)).toBe('ok');
  expect(await callerView(line.deps, caller)).toMatchObject({ stage: 'waiting', returned: true, place: 1 });
  expect((await deskView(line.deps, maya)).peer).toMatchObject({ state: 'available' });
  expect(await offersMade(line.deps, line.lineId)).toBe(0);
  await line.peer('Idris');
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
});

test('[CT3] a holder who is lost: the clinician has it 60 s later, not before; the timer goes with it', async () => {
  await comesIn(line.deps, conversationId, ana.id);
  await staffAway(line.deps, maya.id);
  expect(await seen()).toEqual(['Sparrow caller', 'Maya peer holds lost', 'Ana clinician']);
  expect(must(await returnCaller(line.deps, conversationId)).done).toBe(false);
  expect(await back()).toBe(true);
  expect(await seen()).toEqual(['Sparrow caller', 'Ana clinician holds']);
  expect(await talk()).toMatchObject({ state: 'live', peer_id: ana.id, lost: false });
  expect(await one(`select count(*)::int as n from due where kind = 'conversation.return'`)).toEqual({ n: 0 });
  await staffBack(line.deps, maya.id);
  expect((await deskView(line.deps, maya)).conversations).toMatchObject([{ state: 'wrapUp' }]);
  expect((await deskView(line.deps, maya)).peer.state).toBe('paused');
});

test('[CT3] never to somebody who is lost themselves; who comes back before is asked', async () => {
  await comesIn(line.deps, conversationId, ana.id);
  await staffAway(line.deps, ana.id);
  await staffAway(line.deps, maya.id);
  expect(await give(maya, ana)).toBe('party.away');
  await staffBack(line.deps, ana.id);
  await staffBack(line.deps, maya.id);
  expect(await talk()).toMatchObject({ peer_id: maya.id, lost: false });
  await staffAway(line.deps, ana.id);
  await staffAway(line.deps, maya.id);
  expect(await back()).toBe(true);
  expect(await callerView(line.deps, caller)).toMatchObject({ stage: 'waiting', returned: true });
  expect(await talksIn(line.deps, ana)).toEqual([]);
});

test('[CO3][CT2] the caller does not wait for a lost holder: to whoever is in it, at once', async () => {
  await comesIn(line.deps, conversationId, ana.id);
  await staffAway(line.deps, maya.id);
  must(await chooseNextPeer(line.deps, caller, command()));
  expect(await seen()).toEqual(['Sparrow caller', 'Ana clinician holds']);
});

test('[CT4] only the holder gives it, and only to somebody who is in it', async () => {
  const tom = await clinicianOf(line, 'Tom');
  await comesIn(line.deps, conversationId, ana.id);
  expect([await give(ana, maya), await give(tom, maya)]).toEqual(['control.notYours', 'conversation.gone']);
  expect([await give(maya, tom), await give(maya, maya)]).toEqual(['party.gone', 'party.gone']);
  expect(await give(maya, ana)).toBe('ok');
  expect(await give(maya, ana)).toBe('control.notYours');
  expect(await code(endConversation(line.deps, maya, { ...command(), reason: 'finished' }))).toBe('control.notYours');
  expect(await give(ana, maya)).toBe('ok');
  expect(await talk()).toMatchObject({ peer_id: maya.id, epoch: 2 }); // nobody else can read it now than before
});

test('[CT5] the caller asks somebody to leave, not the only one who could hold it', async () => {
  expect([await remove(ana), await remove(maya)]).toEqual(['party.gone', 'party.last']);
  await comesIn(line.deps, conversationId, ana.id);
  expect(await give(maya, ana)).toBe('ok');
  expect(await remove(ana)).toBe('ok');
  expect(await seen()).toEqual(['Sparrow caller', 'Maya peer holds']);
  await comesIn(line.deps, conversationId, ana.id);
  expect(await leave(maya)).toBe('ok');
  expect(await remove(ana)).toBe('party.last');
  expect(await talk()).toMatchObject({ state: 'live', peer_id: ana.id });
});

test('[CT1] pressed by all at once: one holder who is in it and one open row each, whoever was first', async () => {
  const other = await line.node();
  const tom = await clinicianOf(line, 'Tom');
  for (let round = 0; round < 8; round++) {
    for (const one of [ana, tom]) await comesIn(line.deps, conversationId, one.id);
    const now = (await talk())?.peer_id;
    const holder = [maya, ana, tom].find(({ id }) => id === now) ?? maya;
    await Promise.all([
      handOver(line.deps, holder, { ...command(), to: round % 2 ? ana.id : tom.id }),
      leaveConversation(other, ana, command()),
      removeParty(other, caller, { ...command(), partyId: tom.id }),
      staffAway(line.deps, tom.id),
      leaveConversation(line.deps, tom, command()),
    ]);
    const state = await one<{ holders: number; keys: number; epoch: number }>(
      `select (select count(*)::int from participant p where p.conversation_id = c.id and p.party_id = c.peer_id and p.left_at is null) as holders,
              (select count(*)::int from epoch_key k where k.conversation_id = c.id) as keys, c.epoch from conversation c where c.id = $1`,
      conversationId,
    );
    expect(state?.holders).toBe(1);
    expect(state?.keys).toBe(state?.epoch);
  }
  expect(await seen()).toContain('Maya peer holds');
});
