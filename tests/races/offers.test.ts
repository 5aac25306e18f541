import { randomUUID } from 'node:crypto';
import { acceptOffer, declineOffer, expireOffer } from '@hearthline/server/commands/offers/answerOffer';
import { leaveRequest } from '@hearthline/server/commands/requests/leaveRequest';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { setPeerState } from '@hearthline/server/commands/peers/workShift';
import { matchOnce } from '@hearthline/server/matching/matcher';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade, testLine, until, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());

const offerOf = async (peerId: string) =>
  (
    await line.deps.sql.query<{ id: string; expires_at: Date }>(
      `select id, expires_at from offer where peer_id = $1 order by made_at desc limit 1`,
      [peerId],
    )
  ).rows[0];
const count = async (sql: string) =>
  (await line.deps.sql.query<{ n: number }>(`select count(*)::int as n from ${sql}`, [])).rows[0]?.n;
const pastDeadline = (id: string) =>
  line.deps.sql.query(`update offer set expires_at = $2 where id = $1`, [
    id,
    new Date(line.deps.clock.now().getTime() - 1),
  ]);

test('[OF1] twoPeersOneOffer: only the peer it was put to can accept it', async () => {
  const [maya, idris] = [await line.peer('Maya'), await line.peer('Idris', { available: false })];
  must(await openRequest(line.deps, await line.caller(), 'chat'));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const offer = await offerOf(maya.id);
  const answers = await Promise.all(
    [maya, idris, maya, idris].map((p) =>
      acceptOffer(line.deps, p, { commandId: randomUUID(), offerId: offer?.id ?? '' }),
    ),
  );
  expect(answers.filter((a) => a.ok)).toHaveLength(1);
  expect(answers.flatMap((a) => (a.ok ? [] : [a.code]))).toEqual(['offer.gone', 'offer.gone', 'offer.gone']);
  expect(await count('conversation')).toBe(1);
});

test('[I21] the same accept sent ten times at once has one effect and one answer', async () => {
  const maya = await line.peer('Maya');
  must(await openRequest(line.deps, await line.caller(), 'chat'));
  await offersMade(line.deps, line.lineId);
  const input = { commandId: randomUUID(), offerId: (await offerOf(maya.id))?.id ?? '' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => acceptOffer(line.deps, maya, input)));
  expect(new Set(answers.map((a) => (a.ok ? a.value.conversationId : a.code))).size).toBe(1);
  expect(answers.every((a) => a.ok)).toBe(true);
  const other = await declineOffer(line.deps, maya, 'declined', input);
  expect(other).toEqual({ ok: false, code: 'command.conflict' });
});

test('[I6] expireVersusAccept: an offer resolves exactly once', async () => {
  const maya = await line.peer('Maya');
  for (let round = 0; round < 15; round++) {
    const caller = await line.caller();
    must(await openRequest(line.deps, caller, 'chat'));
    expect(await offersMade(line.deps, line.lineId)).toBe(1);
    const id = (await offerOf(maya.id))?.id ?? '';
    // the accept judges before the deadline, the expiry after it: both are right by their own clock
    const accept = acceptOffer(line.deps, maya, { commandId: randomUUID(), offerId: id });
    const expire = pastDeadline(id).then(() => expireOffer(line.deps, id));
    const [accepted, expired] = await Promise.all([accept, expire]);
    const outcomes = [accepted.ok, expired.ok && expired.value.done].filter(Boolean);
    expect(outcomes, `round ${round}`).toHaveLength(1);
    expect(await count(`offer where id = '${id}' and state = '${accepted.ok ? 'accepted' : 'expired'}'`)).toBe(1);
    // clear the line for the next round
    await line.deps.sql.query(`update conversation set state = 'ended', ended_at = now() where state = 'live'`, []);
    await line.deps.sql.query(`update request set state = 'closed' where caller_id = $1`, [caller.id]);
    await line.deps.sql.query('update peer_state set load = 0', []);
    must(await setPeerState(line.deps, maya, randomUUID(), 'available'));
  }
});

test('[RQ3] leaveVersusOffer: a caller who leaves while being offered is in no conversation', async () => {
  const maya = await line.peer('Maya');
  for (let round = 0; round < 10; round++) {
    const caller = await line.caller();
    must(await openRequest(line.deps, caller, 'chat'));
    const [left] = await Promise.all([
      leaveRequest(line.deps, caller, randomUUID()),
      offersMade(line.deps, line.lineId),
    ]);
    expect(left.ok).toBe(true);
    expect(await count(`offer where state = 'pending'`)).toBe(0);
    expect(await count(`request where state in ('waiting', 'offered')`)).toBe(0);
    expect(
      (await line.deps.sql.query<{ load: number }>('select load from peer_state where staff_id = $1', [maya.id]))
        .rows[0]?.load,
    ).toBe(0);
  }
});

test('[I1][I3][I5] threeMatchersOneQueue: none twice, in order, never above a limit', async () => {
  const peers = await Promise.all(Array.from({ length: 8 }, (_, i) => line.peer(`Peer ${i}`)));
  const callers = [];
  for (let i = 0; i < 30; i++) callers.push(await line.caller());
  for (const c of callers) must(await openRequest(line.deps, c, 'chat'));
  const nodes = [line.deps, await line.node(), await line.node()];
  for (const d of nodes) line.matcher(d);
  await Promise.all(nodes.flatMap((d) => [matchOnce(d, line.lineId), matchOnce(d, line.lineId)]));
  expect(await count(`offer where state = 'pending'`)).toBe(8);
  // two who join within one millisecond stand in the order of their ids
  const { rows } = await line.deps.sql.query<{ state: string }>(
    'select state from request order by class, first_joined_at, id',
    [],
  );
  expect(rows.map((r) => r.state)).toEqual(callers.map((_, i) => (i < 8 ? 'offered' : 'waiting')));
  await Promise.all(
    peers.map(async (p) =>
      must(await acceptOffer(line.deps, p, { commandId: randomUUID(), offerId: (await offerOf(p.id))?.id ?? '' })),
    ),
  );
  await until('every peer has a second offer', async () => (await count(`offer where state = 'pending'`)) === 8);
  expect(await count('peer_state where load > 100')).toBe(0);
  expect(await count('(select caller_id from conversation group by caller_id having count(*) > 1) x')).toBe(0);
});

test('[OF4][OF5] unanswered or declined: back to the same place with its age; the silent peer is paused', async () => {
  const maya = await line.peer('Maya');
  const [first, second] = [await line.caller(), await line.caller()];
  must(await openRequest(line.deps, first, 'chat'));
  must(await openRequest(line.deps, second, 'chat'));
  await offersMade(line.deps, line.lineId);
  const id = (await offerOf(maya.id))?.id ?? '';
  expect(must(await expireOffer(line.deps, id))).toEqual({ done: false }); // not before its time (I26)
  await pastDeadline(id);
  expect(must(await expireOffer(line.deps, id))).toEqual({ done: true });
  expect(
    (await line.deps.sql.query(`select state, missed_offer, load from peer_state where staff_id = $1`, [maya.id]))
      .rows[0],
  ).toEqual({ state: 'paused', missed_offer: true, load: 0 });
  expect(await acceptOffer(line.deps, maya, { commandId: randomUUID(), offerId: id })).toEqual({
    ok: false,
    code: 'offer.expired',
  });
  const idris = await line.peer('Idris');
  await offersMade(line.deps, line.lineId);
  const { rows } = await line.deps.sql.query<{ caller_id: string }>(
    `select r.caller_id from offer o join request r on r.id = o.request_id where o.peer_id = $1 and o.state = 'pending'`,
    [idris.id],
  );
  expect(rows[0]?.caller_id).toBe(first.id);
});
