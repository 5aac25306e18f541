import { describe, expect, test } from 'vitest';
import type { Facts } from '../facts.ts';
import type { Entry } from '../history.ts';
import { checkers, violations, type Transcript } from './index.ts';

/** One request, offered, accepted, talked and ended, as it should be; then each thing wrong with it in turn. */
const facts: Facts = {
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
      peer_id: 'p',
      state: 'ended',
      cost: 100,
      last_seq: 2,
      started_at: 3000,
      ended_at: 9000,
    },
  ],
  wrapUps: [{ conversation_id: 't', state: 'due' }],
  messages: [
    { conversation_id: 't', seq: 1, sender_id: 'c', client_id: 'm1' },
    { conversation_id: 't', seq: 2, sender_id: 'p', client_id: 'm2' },
  ],
  peers: [{ staff_id: 'p', state: 'available', load: 100, chat_limit: 1, away_since: null }],
  exclusions: [],
  audits: [
    { action: 'offer.accepted', record_id: 'o', at: 3000, sealed: true },
    { action: 'conversation.ended', record_id: 't', at: 9000, sealed: true },
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
  ['told yes without a talk', 'I6 I7', { talks: [] }],
  ['told no with a talk', 'I6 I7', {}, [ended('p', 'offer.accept', 'fail', { offerId: 'o' }, 'offer.gone')]],
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
];
describe('what is wrong is noticed', () => {
  test.each(wrong)('%s (%s)', (_name, checker, changed, more, shown) => {
    const found = checkers[checker]?.({ ...facts, ...changed }, more ?? history, shown ?? transcripts);
    expect(found).not.toEqual([]);
  });
  test('every checker has something that it notices', () => {
    expect(new Set(wrong.map(([, checker]) => checker))).toEqual(new Set(Object.keys(checkers)));
  });
});
