import { randomUUID } from 'node:crypto';
import { changeRoom } from '@hearthline/server/commands/media/changeRoom';
import { takeSeat } from '@hearthline/server/commands/media/takeSeat';
import { acceptOffer } from '@hearthline/server/commands/offers/answerOffer';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { knock } from '@hearthline/server/doors/knock';
import type { MediaSignal, MediaTaken } from '@hearthline/shared/contracts/media';
import { afterEach, expect, test } from 'vitest';
import { knocker } from '../access/doorRows.ts';
import type { Actor } from '@hearthline/server/policies/actor';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
afterEach(() => line.close());
const relay = { HEARTHLINE_TURN_URLS: 'turn:127.0.0.1:3478', HEARTHLINE_TURN_SECRET: 'a secret of the tests' };

async function call(env: Record<string, string> = {}) {
  line = await testLine({}, env);
  const peer = await line.peer('Maya');
  const caller = await line.caller();
  must(await openRequest(line.deps, caller, 'voice'));
  await offersMade(line.deps, line.lineId);
  const { rows } = await line.deps.sql.query<{ id: string }>(`select id from offer where state = 'pending'`, []);
  const accepted = { commandId: randomUUID(), offerId: rows[0]?.id ?? '' };
  const { conversationId } = must(await acceptOffer(line.deps, peer, accepted));
  return { peer, caller, conversationId };
}

test('[ME2][S26] direct: a seat names the other party, and with a relay nothing goes past it', async () => {
  const { peer, caller, conversationId } = await call(relay);
  const seat = must(await takeSeat(line.deps, caller, { conversationId, canEncrypt: true }));
  expect(seat).toMatchObject({ engine: 'direct', generation: 1, epoch: 1, others: [peer.id], relayOnly: true });
  if (seat.engine !== 'direct') throw new Error('direct');
  const [server] = seat.iceServers;
  expect(server?.urls).toEqual(['turn:127.0.0.1:3478']);
  expect(server?.username).toMatch(/^\d{10}:[\w-]{12}$/);
  expect(JSON.stringify(seat)).not.toContain('a secret of the tests');
});

test('[ME2][S26] without a relay a page is told that addresses become visible', async () => {
  const { caller, conversationId } = await call();
  expect(line.deps.media.calls()).toEqual({ state: 'direct', exposesAddress: true });
  expect(must(await takeSeat(line.deps, caller, { conversationId, canEncrypt: true }))).toMatchObject({
    iceServers: [],
    relayOnly: false,
  });
});

test('[ME3][ME4] the next room once a generation; a browser that cannot seal has one made without', async () => {
  const { peer, caller, conversationId } = await call();
  const sit = async (who: typeof peer | typeof caller, canEncrypt: boolean) =>
    must(await takeSeat(line.deps, who, { conversationId, canEncrypt })).generation;
  expect([await sit(caller, true), await sit(peer, true)]).toEqual([1, 1]);
  const moved = await Promise.all([1, 1, 1].map((g) => changeRoom(line.deps, conversationId, g, 'stranger')));
  expect(moved.filter((m) => must(m).done)).toHaveLength(1);
  expect([await sit(caller, true), await sit(peer, false), await sit(caller, true)]).toEqual([2, 3, 3]);
});

/** The doors of calls, with what pages are told through them. */
function doorsOf(conversationId: string) {
  const told: [string, MediaSignal][] = [];
  const taken: [string, MediaTaken][] = [];
  const deps = {
    ...knocker(line.deps).doorDeps,
    tellSignal: (...s: [string, MediaSignal]) => void told.push(s),
    tellTaken: (...t: [string, MediaTaken]) => void taken.push(t),
  };
  return {
    told,
    taken,
    async join(actor: Actor): Promise<string> {
      const answer = await knock(deps, { actor, tab: null, network: 'n' }, 'media.join', {
        conversationId,
        canEncrypt: true,
      });
      if (!answer.ok) throw new Error(answer.refusal.code);
      return (answer.value as { session: string }).session;
    },
    async say(actor: Actor, session: string, to: string, signal: unknown = { kind: 'hello' }, generation = 1) {
      const input = { conversationId, generation, session, to, toSession: null, signal };
      const answer = await knock(deps, { actor, tab: null, network: 'n' }, 'media.signal', input);
      return answer.ok ? 'ok' : answer.refusal.code;
    },
  };
}

test('[ME2] direct: who joins again is told at their other pages, and the earlier join says nothing any more', async () => {
  const { peer, caller, conversationId } = await call();
  const { told, taken, join, say } = doorsOf(conversationId);
  const theirs = await join(caller);
  const first = await join(peer);
  expect(await say(peer, first, caller.id)).toBe('ok');
  const second = await join(peer);
  expect(second).not.toBe(first);
  expect(taken.slice(-2)).toEqual([first, second].map((session) => [peer.id, { conversationId, session }]));
  expect(await say(peer, first, caller.id)).toBe('media.taken');
  expect(await say(peer, second, caller.id)).toBe('ok');
  expect(await say(caller, second, peer.id)).toBe('media.taken'); // another one's is nobody's
  expect(await say(caller, theirs, peer.id)).toBe('ok');
  expect(told.map(([, { session }]) => session)).toEqual([first, second, theirs]);
  must(await changeRoom(line.deps, conversationId, 1, 'stranger'));
  expect(await say(peer, second, caller.id)).toBe('media.notCalling'); // of a room that is over: the next is on its way
  expect(told).toHaveLength(3);
});

test('[S14] signals reach the other one of the same live talk and nobody else', async () => {
  const { peer, caller, conversationId } = await call();
  const stranger = await line.caller();
  const { told, join, say: sayIn } = doorsOf(conversationId);
  const sessions = new Map([
    [caller.id, await join(caller)],
    [peer.id, await join(peer)],
  ]);
  const say = (actor: typeof caller | typeof peer, to: string, signal?: unknown) =>
    sayIn(actor, sessions.get(actor.id) ?? 'of-a-strange', to, signal);
  expect(await say(caller, peer.id)).toBe('ok');
  expect(await say(peer, caller.id)).toBe('ok');
  expect(told.map(([to, { from }]) => [to, from])).toEqual([
    [peer.id, caller.id],
    [caller.id, peer.id],
  ]);
  expect(await say(stranger, caller.id)).toBe('conversation.gone');
  expect(await say(caller, stranger.id)).toBe('conversation.gone');
  expect(await say(caller, caller.id)).toBe('conversation.gone');
  for (const junk of [{ kind: 'description', type: 'offer', sdp: 'x'.repeat(30_000) }, { kind: 'bomb' }, 7, null])
    expect(await say(caller, peer.id, junk)).toBe('input.malformed');
  expect(told).toHaveLength(2);
});
