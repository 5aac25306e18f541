import { describe, expect, test } from 'vitest';
import type { Facts } from '../facts.ts';
import type { Entry } from '../history.ts';
import { checkers, violations, type Transcript } from './index.ts';

const audit = (id: number, at: number, action: string, record: string, detail: Facts['audits'][0]['detail'] = {}) => ({
  ...{ id, at, action, detail, record_id: record },
  actor_kind: 'staff',
  sealed: true,
});
const party = (party_id: string, role: string) => ({
  ...{ party_id, role, conversation_id: 't', after_seq: 0 },
  until_seq: null,
  left_at: 9000 as number | null,
});
/**
 * One request, offered, accepted, talked and ended, with a clinician who was called on the second step and came, as it should be;
 * then each thing wrong with it in turn.
 */
const facts: Facts = {
  readAt: 60_000,
  ladder: {
    steps: [
      { layer: 'a', seconds: 1, times: 1 },
      { layer: 'b', seconds: 1, times: 1 },
    ],
    joinSeconds: 1,
    askSeconds: 1,
  },
  handed: [{ key: 'g2', to: '+1', at: 5000, mood: 'delivers' }],
  participants: [
    party('c', 'caller'),
    { ...party('p', 'peer'), left_at: 7500 },
    { ...party('n', 'clinician'), after_seq: 2 },
  ],
  escalations: [{ id: 'e', conversation_id: 't', state: 'closed', owner_id: 'n' }],
  pages: [
    { id: 'g1', escalation_id: 'e', kind: 'alarm', step: 1, state: 'sent' },
    { id: 'g2', escalation_id: 'e', kind: 'webhook', step: 2, state: 'sent' },
  ],
  requests: [
    {
      id: 'r',
      caller_id: 'c',
      state: 'closed',
      class: 1,
      first_joined_at: 1000,
      absent_since: null,
      ended_at: 9000,
      answered_at: 3000,
    },
    {
      id: 'q',
      caller_id: 'd',
      state: 'waiting',
      class: 1,
      first_joined_at: 2000,
      absent_since: null,
      ended_at: null,
      answered_at: null,
    },
  ],
  offers: [
    {
      id: 'o',
      request_id: 'r',
      peer_id: 'p',
      state: 'accepted',
      cost: 100,
      made_at: 2500,
      expires_at: 12_500,
      resolved_at: 3000,
    },
  ],
  talks: [
    {
      id: 't',
      request_id: 'r',
      caller_id: 'c',
      peer_id: 'n',
      state: 'ended',
      cost: 100,
      last_seq: 2,
      started_at: 3000,
      ended_at: 9000,
    },
  ],
  wrapUps: [{ conversation_id: 't', peer_id: 'p', state: 'due' }],
  messages: [
    { conversation_id: 't', seq: 1, sender_id: 'c', client_id: 'm1' },
    { conversation_id: 't', seq: 2, sender_id: 'p', client_id: 'm2' },
  ],
  peers: [{ staff_id: 'p', state: 'available', load: 100, chat_limit: 1, away_since: null }],
  exclusions: [],
  audits: [
    audit(1, 3000, 'offer.accepted', 'o', { conversationId: 't' }),
    audit(2, 4000, 'escalation.raised', 'e'),
    audit(3, 4000, 'escalation.paging', 'e', { step: 1, attempt: 1 }),
    { ...audit(4, 5100, 'escalation.paging', 'e', { step: 2, attempt: 1 }), actor_kind: 'system' },
    audit(5, 5500, 'escalation.acknowledged', 'e'),
    audit(6, 6000, 'party.joined', 't', { partyId: 'n' }),
    audit(7, 6000, 'escalation.joined', 'e'),
    audit(8, 7500, 'control.passed', 't', { from: 'p', to: 'n' }),
    audit(9, 8000, 'escalation.closed', 'e'),
    audit(10, 9000, 'conversation.ended', 't'),
  ],
  chain: null,
  queue: ['q'],
  line: ['q'],
  events: [
    { id: 1, type: 'request.opened', request: 'r', offer: null, talk: null, peer: null, caller: null },
    { id: 2, type: 'request.opened', request: 'q', offer: null, talk: null, peer: null, caller: null },
    { id: 3, type: 'offer.made', request: 'r', offer: 'o', talk: null, peer: 'p', caller: 'c' },
    { id: 4, type: 'offer.accepted', request: 'r', offer: 'o', talk: 't', peer: 'p', caller: 'c' },
    { id: 5, type: 'conversation.ended', request: 'r', offer: null, talk: 't', peer: 'p', caller: 'c' },
  ],
};
const told = (actor: string, op: string, value: unknown, at = 4000): Entry => ({
  t: at,
  at,
  actor,
  op,
  type: 'told',
  value,
});
const ended = (
  actor: string,
  op: string,
  type: 'ok' | 'fail',
  args: Record<string, unknown>,
  value: unknown,
): Entry => ({
  t: 4000,
  at: 4000,
  actor,
  op,
  type,
  args,
  value,
});
const heard = (actor: string, n: number, senderId: string, conversationId = 't') =>
  told(actor, 'message', { conversationId, seq: n, clientId: `m${n}`, senderId });
const sent = { conversationId: 't', clientId: 'm1' };
const history: Entry[] = [
  ended('c', 'request.open', 'ok', { commandId: '1' }, {}),
  ended('p', 'offer.accept', 'ok', { commandId: '2', offerId: 'o' }, {}),
  ended('c', 'message.send', 'ok', sent, { seq: 1 }),
  heard('p', 1, 'c'),
  heard('c', 2, 'p'),
  told('p', 'holds', { conversationId: 't', now: 7000 }),
  told('n', 'holds', { conversationId: 't', now: 8000 }),
];
const shows = (actor: string): Transcript => ({
  actor,
  conversationId: 't',
  completed: true,
  seqs: [1, 2],
  clientIds: ['m1', 'm2'],
});
const transcripts = [shows('c'), shows('p')];

test('a history without fault passes every checker', () => {
  expect(violations(facts, history, transcripts)).toEqual([]);
});

const [request, waiting] = facts.requests as [Facts['requests'][0], Facts['requests'][0]];
const [offer] = facts.offers as [Facts['offers'][0]];
const [peer] = facts.peers as [Facts['peers'][0]];
const made = (peer: string, request: string) => ({
  id: 9,
  type: 'offer.made',
  request,
  offer: 'o9',
  talk: null,
  peer,
  caller: null,
});
/** The escalation with these audit rows changed, by their number; null: it is not there. */
const moved = (changes: Record<number, Partial<Facts['audits'][0]> | null>) =>
  facts.audits.flatMap((a) => (changes[a.id] === null ? [] : [{ ...a, ...changes[a.id] }]));
const [paged] = facts.escalations as [Facts['escalations'][0]];
const exhausted = { 5: { action: 'escalation.exhausted' }, 7: null };
type Wrong = [name: string, checker: string, facts: Partial<Facts>, history?: Entry[], transcripts?: Transcript[]];
const wrong: Wrong[] = [
  [
    'a caller with two offers at once',
    'I1',
    { events: [...facts.events.slice(0, 3), made('x', 'q2')], requests: [request, { ...request, id: 'q2' }] },
  ],
  [
    'a caller offered to somebody else while they talk',
    'I1',
    { events: [...facts.events.slice(0, 4), made('x', 'r')] },
  ],
  ['a place promised and not there', 'I2', {}, [ended('e', 'request.open', 'ok', {}, {})]],
  ['offered to nobody', 'I2', { requests: [request, { ...waiting, state: 'offered' }] }],
  ['matched and in no talk', 'I2', { requests: [request, { ...waiting, state: 'matched' }] }],
  [
    'who came later is offered first',
    'I3',
    {
      requests: [
        { ...request, first_joined_at: 5000 },
        { ...waiting, first_joined_at: 100 },
      ],
      offers: [{ ...offer, made_at: 6000 }],
    },
  ],
  ['somebody waits beside a free peer', 'I4', { peers: [{ ...peer, load: 0 }] }],
  ['a second offer to a peer who takes one', 'I5', { events: [...facts.events, made('p', 'q')] }],
  ['a load that is not what is held', 'I5', { peers: [{ ...peer, load: 50 }] }],
  [
    'an offer that ends twice',
    'I6 I7',
    {
      events: [
        ...facts.events,
        { id: 6, type: 'offer.expired', request: 'r', offer: 'o', talk: null, peer: null, caller: null },
      ],
    },
  ],
  ['told yes without a talk', 'I6 I7', { participants: [] }],
  ['told no with a talk', 'I6 I7', {}, [ended('p', 'offer.accept', 'fail', { offerId: 'o' }, 'offer.gone')]],
  ['a step that comes too late', 'I8', { audits: moved({ 4: { at: 7100 }, 5: { at: 7200 } }) }],
  ['somebody who says that they come, and never does', 'I8', { audits: moved({ 7: null, 9: null }) }],
  [
    'an escalation whose caller is gone',
    'I8 I9',
    { escalations: [{ ...paged, state: 'joined' }], audits: moved({ 9: null }) },
  ],
  ['an end that is not on record', 'I8 I9', { audits: moved({ 9: null }) }],
  ['nobody left to call, and no coordinator', 'I8 I9', { audits: moved(exhausted) }],
  [
    'a coordinator who is never called',
    'I8 I9',
    { audits: moved(exhausted), pages: [{ id: 'g3', escalation_id: 'e', kind: 'webhook', step: 0, state: 'due' }] },
  ],
  [
    'a talk that passes from who does not hold it',
    'I10 CT1',
    { audits: moved({ 8: { detail: { from: 'x', to: 'n' } } }) },
  ],
  ['a talk that passes to who has not come', 'I10 CT1', { audits: moved({ 6: null }) }],
  ['a talk that has passed without a word', 'I10 CT1', { audits: moved({ 8: null }) }],
  ['a talk that passes before anybody joined', 'I10 CT1', { audits: moved({ 7: null }) }],
  [
    'a talk held by somebody who is out of it',
    'I10 CT1',
    { talks: facts.talks.map((t) => ({ ...t, state: 'live', ended_at: null })) },
  ],
  ['two who are shown that they hold it', 'I10 CT1', {}, [told('p', 'holds', { conversationId: 't', now: 9600 })]],
  ['a page that goes out twice', 'I16', { handed: [...facts.handed, ...facts.handed] }],
  ['a page that is handed over and is none', 'I16', { pages: facts.pages.slice(0, 1) }],
  ['a page that is said to be sent', 'I16', { handed: [] }],
  ['an acknowledged message that is lost', 'I11', { messages: facts.messages.slice(1) }],
  ['an acknowledged message under another number', 'I11', {}, [ended('c', 'message.send', 'ok', sent, { seq: 2 })]],
  ['a gap in the numbers', 'I12', { messages: facts.messages.map((m) => ({ ...m, seq: m.seq * 2 })) }],
  [
    'a message that stands twice',
    'I12',
    { messages: [...facts.messages, { conversation_id: 't', seq: 3, sender_id: 'c', client_id: 'm1' }] },
  ],
  [
    'a message told under two numbers',
    'I12',
    {},
    [heard('p', 1, 'c'), told('p', 'message', { conversationId: 't', seq: 3, clientId: 'm1', senderId: 'c' })],
  ],
  ['a page with a gap', 'I12', {}, [], [{ ...shows('p'), seqs: [2], clientIds: ['m2'] }]],
  ['a page that misses the last word', 'I13', {}, [], [{ ...shows('p'), seqs: [1], clientIds: ['m1'] }]],
  ['words of strangers', 'I14 I15', {}, [heard('e', 1, 'c')]],
  ['words of before they came', 'I14 I15', {}, [heard('n', 1, 'c')]],
  [
    'words of after they left',
    'I14 I15',
    { participants: [{ ...party('p', 'peer'), until_seq: 1 }] },
    [heard('p', 2, 'c')],
  ],
  ['words that nobody stored', 'I14 I15', {}, [heard('p', 7, 'c')]],
  ['an act that is not on record', 'I19', { audits: facts.audits.slice(1) }],
  ['a record without a seal', 'I19', { audits: facts.audits.map((a) => ({ ...a, sealed: false })) }],
  ['a broken chain of seals', 'I19', { chain: 'seal 3 does not follow the one before' }],
  [
    'an offer to somebody long gone',
    'I20',
    { offers: [{ ...offer, made_at: 30_000 }] },
    [told('p', 'disconnect', null, 5000)],
  ],
  [
    'two answers to one message',
    'I21',
    {},
    [ended('c', 'message.send', 'ok', sent, { seq: 1 }), ended('c', 'message.send', 'ok', sent, { seq: 4 })],
  ],
  ['a step that is not listed', 'I22', { events: facts.events.filter((e) => e.type !== 'offer.made') }],
  ['another order in Redis', 'I23', { queue: [] }],
  ['an offer that ran out early', 'I26', { offers: [{ ...offer, state: 'expired' }] }],
  ['a step that comes before its time', 'I26', { audits: moved({ 4: { at: 4900 } }) }],
];
describe('what is wrong is noticed', () => {
  test.each(wrong)('%s (%s)', (_name, checker, changed, more, shown) => {
    const found = checkers[checker]?.({ ...facts, ...changed }, more ?? history, shown ?? transcripts);
    expect(found).not.toEqual([]);
  });
  test('nothing is too late while there is no database, and is when it is back', () => {
    const late = { ...facts, audits: moved({ 4: { at: 7100 }, 5: { at: 7200 } }) };
    const away = (to: number) => [told('rig', 'noDatabase', { from: 4500, to })];
    expect(checkers['I8']?.(late, away(5200), [])).toEqual([]);
    expect(checkers['I8']?.(late, away(5050), [])).not.toEqual([]);
  });
  test('a step comes early where its call could reach nobody', () => {
    const early = { ...facts, audits: moved({ 4: { at: 4900 } }) };
    const pages = facts.pages.map((p) => ({ ...p, state: 'failed' }));
    expect(checkers['I26']?.({ ...early, pages }, [], [])).toEqual([]);
  });
  test('every checker has something that it notices', () => {
    expect(new Set(wrong.map(([, checker]) => checker))).toEqual(new Set(Object.keys(checkers)));
  });
});
