import { randomUUID } from 'node:crypto';
import { acceptOffer } from '@hearthline/server/commands/offers/answerOffer';
import { hangUp } from '@hearthline/server/commands/phone/hangUp';
import { openPhone } from '@hearthline/server/commands/phone/openPhone';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { offersMade, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());

const ring = () => ({ name: `phone-test_+15550100_${randomUUID()}`, sid: 'RM_x' });
const rows = async <T>(text: string, ...params: unknown[]) => (await line.deps.sql.query<T>(text, params)).rows;
const theLine = () => {
  const found = line.deps.lines.byId(line.lineId);
  if (!found) throw new Error('no line');
  return found;
};

test('[PH1] ten who notice a telephone at once, on two nodes: one caller, one request', async () => {
  await line.peer('Maya', { available: false });
  const nodes = [line.deps, await line.node()];
  const room = ring();
  await Promise.all(Array.from({ length: 10 }, (_, n) => openPhone(nodes[n % 2] ?? line.deps, theLine(), room)));
  expect(await rows('select channel, state from request')).toEqual([{ channel: 'phone', state: 'waiting' }]);
  expect(await rows('select 1 from caller')).toHaveLength(1);
  expect(await rows(`select 1 from audit where action = 'request.opened'`)).toHaveLength(1);
});

const [half, stepMs] = [12, 4];
async function later<T>(ms: number, act: () => Promise<T>): Promise<T> {
  await new Promise((done) => setTimeout(done, ms));
  return act();
}

test('[PH4] hung up in the moment of accepting, noticed by two: no live talk, no request, no telephone is left', async () => {
  const outcomes = new Set<string>();
  for (let round = 0; round <= 2 * half; round++) {
    const peer = await line.peer('Maya');
    await openPhone(line.deps, theLine(), ring());
    expect(await offersMade(line.deps, line.lineId)).toBe(1);
    const [offer] = await rows<{ id: string; caller_id: string }>(
      `select o.id, r.caller_id from offer o join request r on r.id = o.request_id where o.state = 'pending'`,
    );
    if (!offer) throw new Error('no offer');
    const accept = () => acceptOffer(line.deps, peer, { commandId: randomUUID(), offerId: offer.id });
    const gone = () => hangUp(line.deps, offer.caller_id);
    // from long before the hanging up to long after it
    const [accepted] = await Promise.all([
      later(round * stepMs, accept),
      ...[1, 2].map(() => later(half * stepMs, gone)),
    ]);
    outcomes.add(accepted.ok ? 'talked' : 'in time');
    expect(await rows(`select 1 from request where state in ('waiting', 'offered', 'matched')`)).toEqual([]);
    expect(await rows(`select 1 from conversation where state = 'live'`)).toEqual([]);
    expect(await rows('select 1 from phone_call where ended_at is null')).toEqual([]);
    expect(await rows('select 1 from media_room where closed_at is null')).toEqual([]);
    expect(await rows(`select 1 from audit where action = 'phone.hungUp'`)).toHaveLength(round + 1);
    await rows(`update peer_state set state = 'break' where staff_id = $1`, peer.id);
  }
  expect(outcomes).toEqual(new Set(['talked', 'in time'])); // both were met
});
