import { acceptOffer } from '@hearthline/server/commands/offers/answerOffer';
import { acknowledgePage, declinePage } from '@hearthline/server/commands/escalations/answerPage';
import { revokeShare } from '@hearthline/server/commands/escalations/consent';
import { closeEscalation } from '@hearthline/server/commands/escalations/closeEscalation';
import { goOn } from '@hearthline/server/commands/escalations/goOn';
import { joinEscalation } from '@hearthline/server/commands/escalations/joinEscalation';
import { callAgain } from '@hearthline/server/commands/escalations/withdrawEscalation';
import { leaveConversation, removeParty } from '@hearthline/server/commands/parties/leaveConversation';
import { staffAway, staffBack } from '@hearthline/server/commands/parties/staffPresence';
import { setPeerState } from '@hearthline/server/commands/peers/workShift';
import { leaveRequest } from '@hearthline/server/commands/requests/leaveRequest';
import { callerView } from '@hearthline/server/presenters/callerView';
import { clinicianView } from '@hearthline/server/presenters/clinicianView';
import { deskView } from '@hearthline/server/presenters/deskView';
import type { StaffActor } from '@hearthline/server/policies/actor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade } from '../support/line.ts';
import { comesIn } from '../support/parties.ts';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';

let line: OnCallLine;
beforeEach(async () => {
  line = await onCallLine();
});
afterEach(() => line.close());

const of = (escalationId: string) => ({ ...line.command(), escalationId });
const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';

/** A life at risk, and the peer who called is gone: the caller is at the head of the line. */
async function peerGone({ acknowledged = false } = {}) {
  const [ana, tom] = [await line.clinician('Ana', 'primary'), await line.clinician('Tom', 'backup')];
  const { peer, caller, conversationId } = await line.talk();
  const id = await line.raise(peer, conversationId, 'safety');
  if (acknowledged) must(await acknowledgePage(line.deps, ana, of(id)));
  must(await leaveConversation(line.deps, peer, { ...line.command(), conversationId }));
  expect(await callerView(line.deps, caller)).toMatchObject({ stage: 'waiting', returned: true });
  return { ana, tom, peer, caller, conversationId, id };
}
async function accepted(peer: StaffActor): Promise<string> {
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const [offer] = await line.rows<{ id: string }>(
    `select id from offer where peer_id = $1 and state = 'pending'`,
    peer.id,
  );
  return must(await acceptOffer(line.deps, peer, { ...line.command(), offerId: offer?.id ?? '' })).conversationId;
}

test('[ES16] the peer is gone while a clinician is called: called on, and seen by the next peer; nobody is called twice', async () => {
  const { tom, id } = await peerGone();
  expect(await line.facts(id)).toMatchObject({ state: 'paging', step: 1 });
  await line.late(id);
  must(await goOn(line.deps, id));
  expect(await line.facts(id)).toMatchObject({ state: 'paging', paged_id: tom.id });
  const idris = await line.peer('Idris');
  const next = await accepted(idris);
  expect((await deskView(line.deps, idris)).conversations[0]).toMatchObject({
    id: next,
    escalation: { id, state: 'paging' },
  });
  must(await acknowledgePage(line.deps, tom, of(id)));
  expect(must(await joinEscalation(line.deps, tom, of(id)))).toEqual({ conversationId: next });
  expect((await deskView(line.deps, idris)).conversations[0]?.parties.map((p) => p.name)).toContain('Tom');
});

test('[ES16] whoever was called comes before the next peer: they take the talk themselves, and an offer is taken back', async () => {
  const { ana, caller, conversationId, id } = await peerGone({ acknowledged: true });
  const idris = await line.peer('Idris');
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const { conversationId: taken } = must(await joinEscalation(line.deps, ana, of(id)));
  expect(taken).not.toBe(conversationId);
  expect((await deskView(line.deps, idris)).offers).toEqual([]);
  expect(await line.rows('select load from peer_state where staff_id = $1', idris.id)).toEqual([{ load: 0 }]);
  expect(await callerView(line.deps, caller)).toMatchObject({
    stage: 'talking',
    conversation: { id: taken, peerName: 'Ana', escalation: { state: 'joined' } },
  });
  expect((await clinicianView(line.deps, ana)).conversations).toMatchObject([{ id: taken, state: 'live' }]);
});

test('[ES16] the caller leaves the line: nobody is called for them any more', async () => {
  const { ana, caller, id } = await peerGone({ acknowledged: true });
  must(await leaveRequest(line.deps, caller, line.command().commandId));
  expect(await line.facts(id)).toMatchObject({ state: 'withdrawn', next_due_at: null });
  expect(await code(joinEscalation(line.deps, ana, of(id)))).toBe('escalation.gone'); // not hers any more
});

test('[ES16] advice for a peer who is gone ends with them', async () => {
  await line.clinician('Ana', 'primary');
  const { peer, conversationId } = await line.talk();
  const id = await line.raise(peer, conversationId, 'consult');
  must(await leaveConversation(line.deps, peer, { ...line.command(), conversationId }));
  expect(await line.facts(id)).toMatchObject({ state: 'withdrawn' });
});

test.each(['left', 'removed'] as const)(
  '[ES15] a clinician who joined and %s stands in nobody’s way, and still has it to close',
  async (how) => {
    const ana = await line.clinician('Ana', 'primary');
    const { peer, caller, conversationId } = await line.talk();
    const id = await line.handOff(peer, caller, conversationId, 'nothing');
    must(await acknowledgePage(line.deps, ana, of(id)));
    must(await joinEscalation(line.deps, ana, of(id)));
    if (how === 'left') must(await leaveConversation(line.deps, ana, { ...line.command(), conversationId }));
    else must(await removeParty(line.deps, caller, { ...line.command(), conversationId, partyId: ana.id }));
    expect(await line.facts(id)).toMatchObject({ state: 'left', owner_id: ana.id });
    expect(await callerView(line.deps, caller)).toMatchObject({
      conversation: { escalation: null, canAskClinician: true },
    });
    expect((await clinicianView(line.deps, ana)).escalations).toMatchObject([{ id, mine: 'yours', state: 'left' }]);
    const risk = await line.raise(peer, conversationId, 'safety');
    expect(await line.facts(risk)).toMatchObject({ state: 'paging', paged_id: ana.id });
    expect(await code(joinEscalation(line.deps, ana, of(id)))).toBe('escalation.open');
  },
);

test('[ES15] a clinician whose browser is lost can be followed by another; back, they are still in the talk', async () => {
  const ana = await line.clinician('Ana', 'primary');
  const { peer, caller, conversationId } = await line.talk();
  const id = await line.handOff(peer, caller, conversationId, 'nothing');
  must(await acknowledgePage(line.deps, ana, of(id)));
  must(await joinEscalation(line.deps, ana, of(id)));
  await staffAway(line.deps, ana.id);
  await line.raise(peer, conversationId, 'safety');
  expect(await line.facts(id)).toMatchObject({ state: 'left' });
  await staffBack(line.deps, ana.id);
  expect((await clinicianView(line.deps, ana)).conversations).toMatchObject([{ id: conversationId, state: 'live' }]);
});

test('[ES5] "I can’t" for what is over, or what one has joined, is said to be so', async () => {
  const ana = await line.clinician('Ana', 'primary');
  const { peer, caller, conversationId } = await line.talk();
  const id = await line.handOff(peer, caller, conversationId, 'nothing');
  must(await acknowledgePage(line.deps, ana, of(id)));
  must(await joinEscalation(line.deps, ana, of(id)));
  expect(await code(declinePage(line.deps, ana, of(id)))).toBe('escalation.joined');
});

test('[ES9] called again with nobody on the first step: whoever said no before is asked again', async () => {
  const tom = await line.clinician('Tom', 'backup');
  const { peer, conversationId } = await line.talk();
  const id = await line.raise(peer, conversationId, 'safety');
  must(await declinePage(line.deps, tom, of(id)));
  expect(await line.facts(id)).toMatchObject({ state: 'exhausted' });
  must(await callAgain(line.deps, peer, of(id)));
  expect(await line.facts(id)).toMatchObject({ state: 'paging', paged_id: tom.id, step: 2 });
});

test('[ES2] whoever holds the talk is not called for it', async () => {
  const ana = await line.clinician('Ana', 'primary');
  await line.rows(`update staff set roles = '{peer,clinician}' where id = $1`, ana.id);
  const tom = await line.clinician('Tom', 'backup');
  const { peer, conversationId } = await line.talk();
  must(await setPeerState(line.deps, peer, line.command().commandId, 'break'));
  await line.rows('update conversation set peer_id = $2 where id = $1', conversationId, ana.id);
  await line.rows('update participant set party_id = $2 where party_id = $1', peer.id, ana.id);
  const id = await line.raise({ ...ana, roles: ['peer', 'clinician'] }, conversationId, 'safety');
  expect(await line.facts(id)).toMatchObject({ paged_id: tom.id });
});

test.each(['clinician', 'peer'] as const)('[ES15] advice that the %s has ended stands in nobody’s way', async (who) => {
  const ana = await line.clinician('Ana', 'primary');
  const { peer, conversationId } = await line.talk();
  const id = await line.raise(peer, conversationId, 'consult');
  must(await acknowledgePage(line.deps, ana, of(id)));
  const side = must(await joinEscalation(line.deps, ana, of(id))).conversationId;
  expect(side).not.toBe(conversationId);
  must(await leaveConversation(line.deps, who === 'peer' ? peer : ana, { ...line.command(), conversationId: side }));
  expect(await line.facts(id)).toMatchObject({ state: 'left' });
  expect(await line.facts(await line.raise(peer, conversationId, 'safety'))).toMatchObject({ state: 'paging' });
});

test('[ES15][PA6] advice that ended because its peer left the talk to a colleague stands in nobody’s way', async () => {
  const ana = await line.clinician('Ana', 'primary');
  const { peer, caller, conversationId } = await line.talk();
  const id = await line.raise(peer, conversationId, 'consult');
  must(await acknowledgePage(line.deps, ana, of(id)));
  must(await joinEscalation(line.deps, ana, of(id)));
  const tom = await line.clinician('Tom', 'backup');
  await comesIn(line.deps, conversationId, tom.id);
  must(await leaveConversation(line.deps, peer, { ...line.command(), conversationId }));
  expect(await line.facts(id)).toMatchObject({ state: 'left', owner_id: ana.id });
  expect(await callerView(line.deps, caller)).toMatchObject({ conversation: { canAskClinician: true } });
});

test('[ES10][ES15] closing advice that another clinician has followed leaves theirs going on', async () => {
  const ana = await line.clinician('Ana', 'primary');
  const tom = await line.clinician('Tom', 'backup');
  const { peer, conversationId } = await line.talk();
  const joined = async (who: StaffActor, id: string) => {
    must(await acknowledgePage(line.deps, who, of(id)));
    return must(await joinEscalation(line.deps, who, of(id))).conversationId;
  };
  const close = async (who: StaffActor, id: string) =>
    must(await closeEscalation(line.deps, who, { ...of(id), disposition: 'advised', told: '' }));
  const stateOf = async (id: string) =>
    (await line.rows<{ state: string }>('select state from conversation where id = $1', id))[0]?.state;
  const first = await line.raise(peer, conversationId, 'consult');
  await joined(ana, first);
  await staffAway(line.deps, ana.id);
  const second = await line.raise(peer, conversationId, 'consult');
  must(await declinePage(line.deps, ana, of(second)));
  const side = await joined(tom, second);
  await close(ana, first);
  expect(await stateOf(side)).toBe('live');
  await close(tom, second);
  expect(await stateOf(side)).toBe('ended');
});

test('[ES15][ES16] two were called for one caller: whoever comes second is told, and nothing breaks', async () => {
  const { ana, id } = await peerGone({ acknowledged: true });
  const idris = await line.peer('Idris');
  const conversationId = await accepted(idris);
  must(await joinEscalation(line.deps, ana, of(id)));
  must(await leaveConversation(line.deps, ana, { ...line.command(), conversationId }));
  await line.raise(idris, conversationId, 'safety');
  must(await leaveConversation(line.deps, idris, { ...line.command(), conversationId }));
  expect(await code(joinEscalation(line.deps, ana, of(id)))).toBe('escalation.open');
});

test.each([
  ['nothing', null],
  ['summary', 'Sparrow'],
  ['conversation', 'Sparrow'],
] as const)(
  '[ES13][CS2] with "%s" shared the clinician in the talk sees the name %s, and none once it is taken back',
  async (share, name) => {
    const ana = await line.clinician('Ana', 'primary');
    const { peer, caller, conversationId } = await line.talk();
    const id = await line.handOff(peer, caller, conversationId, share);
    must(await acknowledgePage(line.deps, ana, of(id)));
    must(await joinEscalation(line.deps, ana, of(id)));
    const seen = async () => (await clinicianView(line.deps, ana)).conversations[0];
    expect((await seen())?.name).toBe(name);
    expect(JSON.stringify(await seen()).includes('Sparrow')).toBe(name !== null);
    must(await revokeShare(line.deps, caller, of(id)));
    expect(JSON.stringify(await seen())).not.toContain('Sparrow');
    expect((await deskView(line.deps, peer)).conversations[0]?.name).toBe('Sparrow'); // the peer knows it anyway
  },
);
