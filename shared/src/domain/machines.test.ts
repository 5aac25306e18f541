import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answer, canExpire, type Offer } from './offer.machine.ts';
import { answerProposal, propose, withdraw, type Talking } from './channel.machine.ts';
import { chatCost, costOf, endShift, restAfter, setState } from './peer.machine.ts';
import { isLive, mayMove, statesBefore } from './request.machine.ts';
import { pickMatches, takenAs, type FreePeer, type WaitingRequest } from './routing/pickMatches.ts';

const deadline = new Date('2026-01-01T00:00:25Z');
const offer = (over: Partial<Offer> = {}): Offer => ({
  id: 'o',
  requestId: 'r',
  peerId: 'maya',
  state: 'pending',
  expiresAt: deadline,
  ...over,
});
const before = new Date(deadline.getTime() - 1);

describe('offer', () => {
  test.each([
    ['pending, in time', {}, 'maya', before, 'ok'],
    ['pending, at the deadline', {}, 'maya', deadline, 'offer.expired'],
    ['of somebody else', {}, 'idris', before, 'offer.gone'],
    ['accepted', { state: 'accepted' }, 'maya', before, 'offer.gone'],
    ['declined', { state: 'declined' }, 'maya', before, 'offer.gone'],
    ['rescinded', { state: 'rescinded' }, 'maya', before, 'offer.gone'],
    ['expired', { state: 'expired' }, 'maya', before, 'offer.expired'],
    ['expired, of somebody else', { state: 'expired' }, 'idris', before, 'offer.gone'],
  ] as const)('[OF1] %s', (_n, over, peer, now, expected) => {
    const r = answer(offer(over), peer, now);
    expect(r.ok ? 'ok' : r.code).toBe(expected);
  });
  test('[OF2] expires at its deadline, never before, once', () => {
    expect([
      canExpire(offer(), before),
      canExpire(offer(), deadline),
      canExpire(offer({ state: 'accepted' }), deadline),
    ]).toEqual([false, true, false]);
  });
});

describe('request', () => {
  test('[RQ1] ended states are final, and nothing leads back into the line but a return or an offer that came to nothing', () => {
    expect(['left', 'lapsed', 'closed'].every((s) => !isLive(s as 'left'))).toBe(true);
    expect(statesBefore('waiting')).toEqual(['offered', 'matched']);
    expect(mayMove('waiting', 'matched')).toBe(false);
  });
});

describe('peer', () => {
  test('[PE1][PE2] states and the end of a shift', () => {
    expect(setState({ state: 'off', live: 0, wrapUpsDue: 0 }, 'available')).toEqual({
      ok: false,
      code: 'peer.noShift',
    });
    expect(endShift({ state: 'break', live: 1, wrapUpsDue: 0 })).toEqual({ ok: false, code: 'peer.talking' });
    expect(endShift({ state: 'break', live: 0, wrapUpsDue: 1 })).toEqual({ ok: false, code: 'peer.wrapUpDue' });
    expect(endShift({ state: 'break', live: 0, wrapUpsDue: 0 })).toEqual({ ok: true, value: 'off' });
  });
  test('[PE3] as many chats as the limit fit into a peer, and no more', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), (n) => n * chatCost(n) <= 100 && (n + 1) * chatCost(n) > 100),
    ));
  test('[PE4] rest grows with strain', () => {
    const now = new Date(0);
    expect([1, 2, 3, 4, 5].map((s) => restAfter(s, [0, 0, 5, 20, 30], now)?.getTime() ?? 0)).toEqual([
      0, 0, 300_000, 1_200_000, 1_800_000,
    ]);
  });
});

describe('matching', () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 12 });
  const peers = ids.chain((all) =>
    fc.tuple(
      ...all.map((id) =>
        fc.record({
          id: fc.constant(id),
          load: fc.integer({ min: 0, max: 100 }),
          chatLimit: fc.constantFrom(1, 2, 3, 6),
          channels: fc.subarray(['chat', 'voice', 'video'] as const, { minLength: 1 }),
          lastLiveAt: fc.nat(1000),
        }),
      ),
    ),
  ) as fc.Arbitrary<FreePeer[]>;
  const requests = (of: FreePeer[]) =>
    ids.chain((all) =>
      fc.tuple(
        ...all.map((id) =>
          fc.record({
            id: fc.constant(id),
            class: fc.constantFrom(0, 1),
            joinedAt: fc.nat(50),
            channel: fc.constantFrom('chat', 'voice', 'video', 'phone'),
            excluded: fc.subarray(of.map((p) => p.id)),
          }),
        ),
      ),
    ) as fc.Arbitrary<WaitingRequest[]>;
  const snapshot = peers.chain((p) => requests(p).map((r) => ({ p, r })));
  const place = (r: WaitingRequest) => [r.class, r.joinedAt] as const;

  const may = (x: FreePeer, r: WaitingRequest) =>
    x.load + costOf(r.channel, x.chatLimit) <= 100 &&
    x.channels.includes(takenAs(r.channel)) &&
    !r.excluded.includes(x.id);

  test('[MA1][MA3][MA4][MA5] in order, one a peer, never above a limit, never excluded, nobody passed over', () =>
    fc.assert(
      fc.property(snapshot, ({ p, r }) => {
        const made = pickMatches(r, p);
        expect(new Set(made.map((m) => m.peerId)).size).toBe(made.length);
        expect(new Set(made.map((m) => m.requestId)).size).toBe(made.length);
        const byId = new Map(p.map((x) => [x.id, x]));
        const taken = new Set(made.map((m) => m.peerId));
        for (const m of made) {
          const [peer, request] = [byId.get(m.peerId), r.find((x) => x.id === m.requestId)];
          expect(peer && request && may(peer, request)).toBe(true);
        }
        // [I3][I4] whoever got nothing could have nobody who is still free, nor anybody given to a later one
        for (const left of r.filter((x) => !made.some((m) => m.requestId === x.id))) {
          for (const peer of p.filter((x) => may(x, left))) {
            expect(taken.has(peer.id)).toBe(true);
            const winner = r.find((x) => made.some((m) => m.peerId === peer.id && m.requestId === x.id));
            if (winner)
              expect(
                place(winner) <= place(left) ||
                  winner.class < left.class ||
                  (winner.class === left.class && winner.joinedAt <= left.joinedAt),
              ).toBe(true);
          }
        }
      }),
    ));
  test('[MA2] least load, then longest rest, then id; the same snapshot has the same answer', () => {
    const r = [{ id: 'a', class: 1, joinedAt: 1, channel: 'chat' as const, excluded: [] }];
    const p = (id: string, load: number, lastLiveAt: number) => ({
      id,
      load,
      chatLimit: 3,
      channels: ['chat', 'voice'] as const,
      lastLiveAt,
    });
    expect(pickMatches(r, [p('x', 33, 0), p('y', 0, 9), p('z', 0, 5)])).toEqual([{ requestId: 'a', peerId: 'z' }]);
    expect(pickMatches(r, [p('z', 0, 5), p('y', 0, 5), p('x', 33, 0)])).toEqual([{ requestId: 'a', peerId: 'y' }]);
    // [MA5] a call goes to somebody who has nothing else and takes calls
    const call = [{ ...r[0], id: 'b', channel: 'voice' as const } as WaitingRequest];
    expect(pickMatches(call, [p('x', 33, 0)])).toEqual([]);
    expect(pickMatches(call, [p('x', 33, 0), p('y', 0, 9)])).toEqual([{ requestId: 'b', peerId: 'y' }]);
    expect(pickMatches([{ ...r[0], channel: 'video' } as WaitingRequest], [p('y', 0, 9)])).toEqual([]);
  });
});

describe('channel', () => {
  const now = (over: Partial<Talking> = {}): Talking => ({ channel: 'chat', proposal: null, ...over });
  const asked = now({ proposal: { channel: 'voice', by: 'peer' } });
  test.each([
    ['[CH1] more waits for a yes', now(), 'caller', 'voice', now({ proposal: { channel: 'voice', by: 'caller' } })],
    [
      '[CH1] picture on top of sound too',
      now({ channel: 'voice' }),
      'peer',
      'video',
      now({ channel: 'voice', proposal: { channel: 'video', by: 'peer' } }),
    ],
    ['[CH2] less happens at once', now({ channel: 'video' }), 'peer', 'chat', now()],
    [
      '[CH2] and takes an open question with it',
      now({ channel: 'voice', proposal: { channel: 'video', by: 'caller' } }),
      'peer',
      'chat',
      now(),
    ],
    ['[CH3] both asking for the same is a yes', asked, 'caller', 'voice', now({ channel: 'voice' })],
    ['[CH3] the other’s question is not replaced', asked, 'caller', 'video', 'channel.gone'],
    ['[CH3] one’s own is', asked, 'peer', 'video', now({ proposal: { channel: 'video', by: 'peer' } })],
    ['the same again', now({ channel: 'video' }), 'caller', 'video', 'channel.same'],
  ] as const)('%s', (_n, from, by, channel, expected) => {
    const r = propose(from, by, channel);
    expect(r.ok ? r.value : r.code).toEqual(expected);
  });
  test('[CH4] only who was asked answers; [CH5] only who asked takes it back', () => {
    expect(answerProposal(asked, 'caller', 'voice', true)).toEqual({ ok: true, value: now({ channel: 'voice' }) });
    expect(answerProposal(asked, 'caller', 'voice', false)).toEqual({ ok: true, value: now() });
    expect(answerProposal(asked, 'peer', 'voice', true)).toEqual({ ok: false, code: 'channel.gone' });
    expect(answerProposal(asked, 'caller', 'video', true)).toEqual({ ok: false, code: 'channel.gone' });
    expect(answerProposal(now(), 'peer', 'voice', true)).toEqual({ ok: false, code: 'channel.gone' });
    expect(withdraw(asked, 'peer')).toEqual({ ok: true, value: now() });
    expect(withdraw(asked, 'caller')).toEqual({ ok: false, code: 'channel.gone' });
  });
});
