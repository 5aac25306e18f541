import { expect, test } from 'vitest';
import type { Event } from '../history.ts';
import type { Record_, Transition } from '../record.ts';
import { judge, type InvariantId } from './all.ts';

/** Hand-made histories: one that is right, and for each checker one that is wrong in one thing. Real bugs: mutants.test.ts. */
const at = 1_000_000;
const iso = (t: number) => new Date(t).toISOString();
const seen = (actor: string, op: string, args: object, t = at, type: Event['type'] = 'info'): Event => ({
  t,
  actor,
  op,
  type,
  args: { ...args },
});
const step = (
  n: number,
  kind: string,
  id: string,
  was: string | null,
  became: string,
  row: object = {},
): Transition => ({
  n,
  at: at + n,
  kind,
  id,
  was,
  became,
  row: { ...row },
});
const offerRow = { request_id: 'r1', peer_id: 'p1', cost: 100, expires_at: iso(at + 10_000) };
const talkRow = { request_id: 'r1', peer_id: 'p1', cost: 100 };
const requestRow = { class: 1, first_joined_at: iso(at), absent_since: null };
const message = (seq: number) => ({
  conversationId: 't1',
  seq,
  clientId: `m${seq}`,
  senderId: 'c1',
  sentAt: iso(at + 50),
});
const shown = (actor: string, seq: number) => seen(actor, 'shown', message(seq));

const right: Record_ = {
  now: at + 60_000,
  people: [
    { id: 'c1', name: 'caller1', kind: 'caller' },
    { id: 'p1', name: 'peer1', kind: 'peer' },
  ],
  requests: [{ id: 'r1', caller: 'c1', state: 'matched', class: 1, joined: at, absent: null }],
  offers: [
    {
      id: 'o1',
      request: 'r1',
      caller: 'c1',
      peer: 'p1',
      state: 'accepted',
      cost: 100,
      from: at + 2,
      to: at + 4,
      expires: at + 10_000,
    },
  ],
  talks: [
    {
      id: 't1',
      request: 'r1',
      caller: 'c1',
      peer: 'p1',
      state: 'live',
      cost: 100,
      from: at + 4,
      to: null,
      wrappedUp: null,
    },
  ],
  messages: [1, 2].map((seq) => ({ talk: 't1', seq, sender: 'c1', client: `m${seq}`, at: at + 50 })),
  parts: ['c1', 'p1'].map((party) => ({ talk: 't1', party, left: null })),
  loads: [{ peer: 'p1', load: 100 }],
  transitions: [
    step(1, 'request', 'r1', null, 'waiting', requestRow),
    step(2, 'offer', 'o1', null, 'pending', offerRow),
    step(3, 'request', 'r1', 'waiting', 'offered', requestRow),
    step(4, 'offer', 'o1', 'pending', 'accepted', offerRow),
    step(5, 'request', 'r1', 'offered', 'matched', requestRow),
    step(6, 'conversation', 't1', null, 'live', talkRow),
  ],
  exclusions: [],
  audits: [{ id: 1, action: 'offer.accepted', record: 'o1', sealed: true, at }],
  queue: [],
  leaks: [],
  events: [
    seen('caller1', 'line', { up: true }),
    seen('peer1', 'line', { up: true }),
    seen('caller1', 'request.open', { commandId: 'k1' }, at, 'invoke'),
    seen('caller1', 'request.open', { commandId: 'k1', answer: { stage: 'waiting', requestId: 'r1' } }, at, 'ok'),
    seen('peer1', 'view', { offers: ['o1'], talks: [] }),
    seen('peer1', 'offer.accept', { offerId: 'o1', answer: {} }, at, 'ok'),
    seen('caller1', 'message.send', { clientId: 'm1', answer: { seq: 1 } }, at, 'ok'),
    ...[1, 2].flatMap((seq) => [shown('caller1', seq), shown('peer1', seq)]),
  ],
};
const [offer, talk, request] = [right.offers[0], right.talks[0], right.requests[0]];
if (!offer || !talk || !request) throw new Error('the right history has one of each');
const also = (...events: Event[]) => ({ events: [...right.events, ...events] });
const after = (...steps: Transition[]) => ({ transitions: [...right.transitions, ...steps] });
const older = step(0, 'request', 'r0', null, 'waiting', { ...requestRow, first_joined_at: iso(at - 9000) });

const wrong: Record<InvariantId, Partial<Record_>> = {
  I1: after(step(7, 'offer', 'o2', null, 'pending', { ...offerRow, peer_id: 'p2' })),
  I2: { requests: [] },
  I3: {
    transitions: [{ ...older, at: at - 9000 }, ...right.transitions],
    requests: [...right.requests, { ...request, id: 'r0', joined: at - 9000 }],
  },
  I4: also(...[0, 4000, 8000].map((t) => seen('rig', 'sample', { head: 'r1' }, at + t))),
  I5: { loads: [{ peer: 'p1', load: 50 }] },
  I6: after(step(7, 'offer', 'o1', 'pending', 'expired', { ...offerRow, expires_at: iso(at) })),
  I7: { offers: [{ ...offer, expires: at + 3 }] },
  I11: also(seen('caller1', 'message.send', { clientId: 'm9', answer: { seq: 3 } }, at, 'ok')),
  I12: also(shown('peer1', 2)),
  I13: { events: right.events.filter((e) => !(e.actor === 'peer1' && e.args['seq'] === 2)) },
  I14: { parts: [...right.parts, { talk: 't1', party: 'p2', left: null }] },
  I15: also(seen('peer1', 'view', { offers: [], talks: ['t2'] })),
  I19: { audits: [] },
  I20: {
    ...also(seen('peer1', 'line', { up: false }, at + 10)),
    offers: [offer, { ...offer, id: 'o2', request: 'r2', state: 'declined', from: at + 40_000, to: at + 41_000 }],
  },
  I21: { messages: [...right.messages, { talk: 't1', seq: 3, sender: 'c1', client: 'm2', at }] },
  I22: after(step(7, 'request', 'r1', 'matched', 'left', requestRow)),
  I23: { queue: ['r7'] },
  I24: { leaks: ['an address in a log'] },
  I25: also(
    seen('rig', 'fault.begin', { name: 'server1 SIGTERM', excuses: [] }, at + 100),
    seen('caller1', 'line', { up: false }, at + 200),
    seen('caller1', 'line', { up: true }, at + 9000),
    seen('rig', 'fault.end', { name: 'server1 SIGTERM', excuses: [] }, at + 9100),
  ),
  I26: after(step(7, 'offer', 'o2', 'pending', 'expired', offerRow)),
};

test('a history that is right is not blamed', () => expect(judge(right)).toEqual({}));
test.each(Object.entries(wrong))('%s is noticed', (id, part) => {
  expect(Object.keys(judge({ ...right, ...part }))).toContain(id);
});
