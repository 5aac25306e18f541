import { randomUUID } from 'node:crypto';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { answerChannel, proposeChannel } from '@hearthline/server/commands/channels/changeChannel';
import {
  answerInvitation,
  goOnInviting,
  withdrawInvitation,
} from '@hearthline/server/commands/invitations/inviteColleague';
import { acceptInvitation, declineInvitation } from '@hearthline/server/commands/invitations/takeInvitation';
import { makeOffers } from '@hearthline/server/commands/offers/makeOffers';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { leaveConversation } from '@hearthline/server/commands/parties/leaveConversation';
import { endShift, setPeerState } from '@hearthline/server/commands/peers/workShift';
import { submitWrapUp } from '@hearthline/server/commands/wrapUps/submitWrapUp';
import { keepDraft, readDraft } from '@hearthline/server/commands/wrapUps/wrapUpDraft';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { boardView } from '@hearthline/server/presenters/boardView';
import { callerView } from '@hearthline/server/presenters/callerView';
import { colleaguesFor } from '@hearthline/server/presenters/colleagues';
import { deskView } from '@hearthline/server/presenters/deskView';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inviting } from '../support/invitations.ts';
import { lineConfig, must, offersMade, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
let t: ReturnType<typeof inviting>;
let maya: StaffActor;
let ben: StaffActor;
let caller: CallerActor;
let conversationId: string;
beforeEach(async () => {
  line = await testLine({ chatsPerPeer: 2 });
  t = inviting(line);
  ({ peer: maya, caller, conversationId } = await line.talk());
  ben = await line.peer('Ben');
});
afterEach(() => line.close());

const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';
const of = (invitationId: string) => ({ ...t.command(), invitationId });
const wrap = { topic: 'Work', outcome: 'Ended together', strain: 1, debrief: false };
const writeUp = (who: StaffActor) => submitWrapUp(line.deps, who, { ...t.command(), conversationId, ...wrap });
const leave = (who: StaffActor) => leaveConversation(line.deps, who, { ...t.command(), conversationId });
async function talking() {
  const view = await callerView(line.deps, caller);
  if (view.stage !== 'talking') throw new Error(`the caller is ${view.stage}`);
  return view.conversation;
}
const parties = async () => (await talking()).parties.map((p) => `${p.name} ${p.role}${p.holds ? ' holds' : ''}`);
const comes = async (whom: Parameters<typeof t.ring>[3] = {}) => {
  const id = await t.ring(maya, caller, conversationId, whom);
  must(await acceptInvitation(line.deps, ben, of(id)));
  return id;
};

test('[IN1] the desk shows who could come: free, busy, on a break, resting, away; and how many on each line', async () => {
  const break_ = await line.peer('Cleo', { available: false });
  const resting = await line.peer('Dana');
  const away = await line.peer('Eli');
  const busy = await line.peer('Finn');
  const set = (what: string, who: StaffActor) =>
    line.deps.sql.query(`update peer_state set ${what} where staff_id = $1`, [who.id]);
  await set(`rest_until = now() + interval '1 hour'`, resting);
  await set('away_since = now()', away);
  await set('load = 100', busy);
  expect(must(await colleaguesFor(line.deps, maya, conversationId))).toEqual({
    coordinators: [],
    peers: [
      { id: ben.id, name: 'Ben', title: null, now: 'free' },
      { id: break_.id, name: 'Cleo', title: null, now: 'break' },
      { id: resting.id, name: 'Dana', title: null, now: 'resting' },
      { id: away.id, name: 'Eli', title: null, now: 'away' },
      { id: busy.id, name: 'Finn', title: null, now: 'busy' },
    ],
    lines: [{ id: line.lineId, name: 'Test line', own: true, free: 1 }],
  });
  expect(await code(colleaguesFor(line.deps, ben, conversationId))).toBe('conversation.gone');
  for (const who of [break_, resting, away, busy])
    expect(await code(t.make(maya, conversationId, 'join', { staffId: who.id })), who.name).toBe('invitation.nobody');
});

test('[IN1][B] only who holds it asks, once at a time, somebody who is there; pressed twice it is one', async () => {
  expect(await code(t.make(ben, conversationId))).toBe('conversation.gone');
  for (const staffId of [maya.id, randomUUID()])
    expect(await code(t.make(maya, conversationId, 'join', { staffId }))).toBe('invitation.nobody');
  const both = { staffId: ben.id, lineId: line.lineId };
  expect(await code(t.make(maya, conversationId, 'join', both))).toBe('input.malformed');
  expect(await code(t.make(maya, conversationId, 'join', { lineId: randomUUID() }))).toBe('line.gone');
  const { invitationId } = must(await t.make(maya, conversationId));
  expect(await code(t.make(maya, conversationId))).toBe('invitation.open');
  expect(await t.load(ben)).toBe(0); // nobody is asked before the caller
  expect((await deskView(line.deps, ben)).invitations).toEqual([]);
  must(await endConversation(line.deps, maya, { ...t.command(), conversationId, reason: 'finished' }));
  expect(await t.facts(invitationId)).toMatchObject({ state: 'withdrawn' });
  expect(await code(t.make(maya, conversationId))).toBe('conversation.ended');
});

test('[IN2] the caller sees who would come and says what they may see; a no asks nobody', async () => {
  const { invitationId } = must(await t.make(maya, conversationId, 'takeOver', { staffId: ben.id }));
  expect((await talking()).invitation).toEqual({
    id: invitationId,
    purpose: 'takeOver',
    state: 'asking',
    colleague: { id: ben.id, name: 'Ben', title: null },
    lineName: null,
    agreement: null,
  });
  const stranger = await line.caller('Wren');
  const yes = { ...of(invitationId), yes: true, share: 'nothing' as const };
  expect(await code(answerInvitation(line.deps, stranger, yes))).toBe('invitation.gone');
  expect(await code(answerInvitation(line.deps, caller, { ...of(invitationId), yes: true }))).toBe(
    'escalation.shareMissing',
  );
  must(await answerInvitation(line.deps, caller, { ...of(invitationId), yes: false }));
  expect(await t.facts(invitationId)).toMatchObject({ state: 'refused', rings_id: null });
  expect((await talking()).invitation).toBeNull();
  expect((await deskView(line.deps, maya)).conversations[0]?.invitation).toMatchObject({ state: 'refused', can: [] });
  expect(await code(answerInvitation(line.deps, caller, { ...of(invitationId), yes: true, share: 'nothing' }))).toBe(
    'invitation.gone',
  );
  expect(await t.one('select count(*)::int as n from disclosure_consent')).toEqual({ n: 0 });
});

test('[MA3] whoever a colleague asks is offered nobody meanwhile, and shown as busy; after their no they are', async () => {
  const cleo = await line.peer('Cleo');
  const id = await t.ring(maya, caller, conversationId, { staffId: ben.id });
  for (const { id: other } of [maya, cleo])
    await line.deps.sql.query(`update peer_state set state = 'break' where staff_id = $1`, [other]);
  must(await openRequest(line.deps, await line.caller('Wren'), 'chat'));
  expect(await offersMade(line.deps, line.lineId)).toBe(0);
  expect(must(await colleaguesFor(line.deps, maya, conversationId)).peers).toMatchObject([
    { name: 'Ben', now: 'busy' },
    { name: 'Cleo', now: 'break' },
  ]);
  const [waiting] = (await line.deps.sql.query<{ id: string }>(`select id from request where state = 'waiting'`, []))
    .rows;
  const picked = { requestId: waiting?.id ?? '', peerId: ben.id }; // by a matcher that looked before
  expect(await makeOffers(line.deps, line.lineId, 30, [picked])).toBe(0);
  must(await declineInvitation(line.deps, ben, of(id)));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
});

test('[IN3][CS1] the colleague is asked, with their room held, and comes in as second peer, seen by all', async () => {
  const id = await t.ring(maya, caller, conversationId);
  expect(await t.load(ben)).toBe(50);
  const [asked] = (await deskView(line.deps, ben)).invitations;
  expect(asked).toMatchObject({ id, purpose: 'join', from: 'Maya', lineName: null, channel: 'chat' });
  expect(JSON.stringify(asked)).not.toContain('Sparrow');
  expect((await deskView(line.deps, maya)).conversations[0]?.invitation).toMatchObject({
    state: 'ringing',
    colleague: { name: 'Ben' },
    can: ['withdraw'],
  });
  for (const who of [maya, await line.peer('Cleo')])
    expect(await code(acceptInvitation(line.deps, who, of(id)))).toBe('invitation.gone');
  must(await acceptInvitation(line.deps, ben, of(id)));
  expect(await parties()).toEqual(['Sparrow caller', 'Maya peer holds', 'Ben peer']);
  expect(await t.load(ben)).toBe(50);
  expect((await deskView(line.deps, ben)).conversations).toMatchObject([
    { id: conversationId, as: 'peer', name: 'Sparrow', can: ['leave'], epoch: 2, fromSeq: 1 },
  ]);
  expect(await code(acceptInvitation(line.deps, ben, of(id)))).toBe('invitation.gone');
  expect(await t.one('select share, recipient, invitation_id from disclosure_consent')).toEqual({
    share: 'nothing',
    recipient: 'anotherPeer',
    invitation_id: id,
  });
});

test.each([
  ['nothing', 'fromJoining', 2],
  ['conversation', 'all', 1],
] as const)('[IN3][PA3] "%s": they read %s, from epoch %i on', async (share, reads, from) => {
  await comes({ share });
  expect((await talking()).parties.at(-1)).toMatchObject({ name: 'Ben', reads });
  expect(await t.one('select from_epoch from participant where party_id = $1', ben.id)).toEqual({ from_epoch: from });
});

test('[IN3][CT1] to take it over: they hold it, who asked stays until they leave, and both write it up for themselves', async () => {
  await comes({ purpose: 'takeOver' });
  expect(await parties()).toEqual(['Sparrow caller', 'Maya peer', 'Ben peer holds']);
  expect(await code(t.make(maya, conversationId))).toBe('control.notYours');
  must(await leave(maya));
  expect(await parties()).toEqual(['Sparrow caller', 'Ben peer holds']);
  must(await keepDraft(line.deps, maya, { conversationId, ...wrap, referrals: 'of Maya', topic: '', outcome: '' }));
  const board = await boardView(line.deps, line.deps.lines.byId(line.lineId) as never);
  expect(board.conversations.map((c) => c.id)).toEqual([conversationId]);
  must(await endConversation(line.deps, ben, { ...t.command(), conversationId, reason: 'finished' }));
  expect(must(await readDraft(line.deps, ben, conversationId)).draft).toBeNull();
  expect(must(await readDraft(line.deps, maya, conversationId)).draft?.referrals).toBe('of Maya');
  must(await writeUp(ben));
  expect([await t.load(maya), await t.load(ben)]).toEqual([50, 0]);
  must(await writeUp(maya));
  expect([await t.load(maya), await t.load(ben)]).toEqual([0, 0]);
  expect(await code(writeUp(maya))).toBe('wrapUp.gone');
});

test('[IN4][CT] a no brings it back as it was, and the room of who said no', async () => {
  const id = await t.ring(maya, caller, conversationId, { staffId: ben.id });
  expect(await code(declineInvitation(line.deps, maya, of(id)))).toBe('invitation.gone');
  must(await declineInvitation(line.deps, ben, of(id)));
  expect(await t.facts(id)).toMatchObject({ state: 'returned' });
  expect(await t.load(ben)).toBe(0);
  expect(await parties()).toEqual(['Sparrow caller', 'Maya peer holds']);
  expect((await deskView(line.deps, maya)).conversations[0]?.invitation).toMatchObject({
    state: 'returned',
    colleague: { name: 'Ben' },
  });
  await t.ring(maya, caller, conversationId); // and can be asked again
});

test('[IN4][OF5] whoever is free: after a silence the next one, the silent one is paused, nobody twice', async () => {
  const cleo = await line.peer('Cleo');
  const id = await t.ring(maya, caller, conversationId);
  const first = (await t.facts(id))?.rings_id;
  expect(must(await goOnInviting(line.deps, id))).toEqual({ done: false }); // not before its time
  await t.late(id);
  expect(must(await goOnInviting(line.deps, id))).toEqual({ done: true });
  const second = (await t.facts(id))?.rings_id;
  expect(new Set([first, second])).toEqual(new Set([ben.id, cleo.id]));
  expect(await t.one('select state, load, missed_offer from peer_state where staff_id = $1', first)).toEqual({
    state: 'paused',
    load: 0,
    missed_offer: true,
  });
  await t.late(id);
  must(await goOnInviting(line.deps, id));
  expect(await t.facts(id)).toMatchObject({ state: 'returned' });
  expect(await parties()).toEqual(['Sparrow caller', 'Maya peer holds']);
});

test('[IN2][IN4] a caller who does not say: nobody is asked, and it is over', async () => {
  const { invitationId } = must(await t.make(maya, conversationId));
  await t.late(invitationId);
  must(await goOnInviting(line.deps, invitationId));
  expect(await t.facts(invitationId)).toMatchObject({ state: 'unanswered' });
  expect(await t.one(`select count(*)::int as n from due where kind = 'invitation.goOn'`)).toEqual({ n: 0 });
});

test('[IN5] either side takes it back until they came; with the talk it ends, and no room stays held', async () => {
  for (const by of [maya, caller] as const) {
    const id = await t.ring(maya, caller, conversationId);
    expect(await code(withdrawInvitation(line.deps, ben, of(id)))).toBe('invitation.gone');
    must(await withdrawInvitation(line.deps, by, of(id)));
    expect(await t.facts(id)).toMatchObject({ state: 'withdrawn' });
    expect(await code(acceptInvitation(line.deps, ben, of(id)))).toBe('invitation.gone');
  }
  const id = await t.ring(maya, caller, conversationId);
  must(await leave(maya)); // the caller goes to the head of the line
  expect(await t.facts(id)).toMatchObject({ state: 'withdrawn' });
  expect(await t.load(ben)).toBe(0);
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
});

test('[PE7] who goes on a break or ends their shift is not asked any more, without a mark', async () => {
  for (const away of [
    () => setPeerState(line.deps, ben, randomUUID(), 'break'),
    () => endShift(line.deps, ben, randomUUID()),
  ]) {
    const id = await t.ring(maya, caller, conversationId);
    must(await away());
    expect(await t.facts(id)).toMatchObject({ state: 'returned' });
    expect(await t.one('select load, missed_offer from peer_state where staff_id = $1', ben.id)).toEqual({
      load: 0,
      missed_offer: false,
    });
    if (away.toString().includes('break')) must(await setPeerState(line.deps, ben, randomUUID(), 'available'));
  }
});

test('[CT2] with two peers in it, the one who is left holds it; who left and comes again writes up again', async () => {
  await comes();
  must(await leave(maya));
  expect(await parties()).toEqual(['Sparrow caller', 'Ben peer holds']);
  expect(await code(t.make(ben, conversationId, 'join', { staffId: maya.id }))).toBe('invitation.nobody'); // wrap-up due
  must(await writeUp(maya));
  const id = await t.ring(ben, caller, conversationId, { staffId: maya.id });
  must(await acceptInvitation(line.deps, maya, of(id)));
  expect(await parties()).toEqual(['Sparrow caller', 'Ben peer holds', 'Maya peer']);
  must(await leave(maya));
  expect(await t.load(maya)).toBe(50);
  must(await writeUp(maya));
  expect(await t.load(maya)).toBe(0);
});

const callNow = () => line.deps.sql.query(`update conversation set channel = 'voice' where id = $1`, [conversationId]);

test('[CH7][IN3] it became a call while they were asked: they come with all of them, or not at all', async () => {
  const id = await t.ring(maya, caller, conversationId);
  await callNow();
  await line.deps.sql.query('update peer_state set load = 100 where staff_id = $1', [ben.id]); // with somebody else meanwhile
  expect(await code(acceptInvitation(line.deps, ben, of(id)))).toBe('channel.noRoom');
  await line.deps.sql.query('update peer_state set load = 50 where staff_id = $1', [ben.id]);
  must(await acceptInvitation(line.deps, ben, of(id)));
  expect(await t.load(ben)).toBe(100);
  must(await leave(ben));
  must(await writeUp(ben));
  expect(await t.load(ben)).toBe(0);
});

test('[CH6][CH7] a call takes all of both peers, and gives it back; the board counts it for both', async () => {
  await comes();
  const change = (channel: 'voice' | 'chat') =>
    proposeChannel(line.deps, maya, { ...t.command(), conversationId, channel });
  const loads = async () => [await t.load(maya), await t.load(ben)];
  await line.deps.sql.query('update peer_state set load = 100 where staff_id = $1', [ben.id]); // with somebody else
  expect(await code(change('voice'))).toBe('channel.noRoom');
  await line.deps.sql.query('update peer_state set load = 50 where staff_id = $1', [ben.id]);
  must(await change('voice'));
  must(await answerChannel(line.deps, caller, { ...t.command(), conversationId, channel: 'voice', yes: true }));
  expect(await loads()).toEqual([100, 100]);
  const board = await boardView(line.deps, line.deps.lines.byId(line.lineId) as never);
  expect(board.peers.map((p) => [p.name, p.chats])).toEqual([
    ['Ben', 1],
    ['Maya', 1],
  ]);
  must(await change('chat'));
  expect(await loads()).toEqual([50, 50]);
});

test('[PA7] browser to browser a call holds three, and a fourth is not asked', async () => {
  await comes();
  must(await proposeChannel(line.deps, maya, { ...t.command(), conversationId, channel: 'voice' }));
  must(await answerChannel(line.deps, caller, { ...t.command(), conversationId, channel: 'voice', yes: true }));
  await line.peer('Cleo');
  expect(await code(t.make(maya, conversationId))).toBe('party.full');
});

test('[IN6] to another line: to whoever is free there; the talk and the place of its caller go with it', async () => {
  const other = randomUUID();
  await line.deps.sql.query(
    'insert into line (id, slug, config, created_at, updated_at) values ($1, $2, $3, now(), now())',
    [other, 'other', JSON.stringify(lineConfig({ slug: 'other', name: 'Other line' }))],
  );
  await line.deps.lines.load();
  expect(await code(t.make(maya, conversationId, 'takeOver', { lineId: other }))).toBe('invitation.nobody');
  const move = (what: string) =>
    line.deps.sql.query(`update ${what} set line_id = $1 where staff_id = $2`, [other, ben.id]);
  for (const what of ['peer_state', 'staff_line', 'shift']) await move(what);
  const away: StaffActor = { ...ben, lineIds: [other] };
  expect(await code(t.make(maya, conversationId, 'join', { lineId: other }))).toBe('input.malformed');
  expect(must(await colleaguesFor(line.deps, maya, conversationId)).lines).toEqual([
    { id: line.lineId, name: 'Test line', own: true, free: 0 },
    { id: other, name: 'Other line', own: false, free: 1 },
  ]);
  const { invitationId } = must(await t.make(maya, conversationId, 'takeOver', { lineId: other }));
  expect((await talking()).invitation).toMatchObject({ colleague: null, lineName: 'Other line' });
  must(await answerInvitation(line.deps, caller, { ...of(invitationId), yes: true, share: 'conversation' }));
  expect((await deskView(line.deps, away)).invitations[0]).toMatchObject({ from: 'Maya', lineName: 'Test line' });
  must(await acceptInvitation(line.deps, away, of(invitationId)));
  expect(await parties()).toEqual(['Sparrow caller', 'Maya peer', 'Ben peer holds']);
  must(await leave(maya));
  expect(
    await t.one('select c.line_id, r.line_id as place from conversation c join request r on r.id = c.request_id'),
  ).toEqual({
    line_id: other,
    place: other,
  });
  must(await leave(away));
  expect(await t.one('select line_id, state, class from request')).toEqual({
    line_id: other,
    state: 'waiting',
    class: 0,
  });
  expect(
    await t.one(
      'select count(*)::int as n from wrap_up w join peer_state s on s.staff_id = w.peer_id and s.line_id = w.line_id',
    ),
  ).toEqual({ n: 2 });
});
