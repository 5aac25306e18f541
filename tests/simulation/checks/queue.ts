import { changesOf, isLate, type Check } from './check.ts';

function twice(all: readonly string[]): string[] {
  return new Set(all).size === all.length ? [] : all.filter((one, i) => all.indexOf(one) !== i);
}
function countBy(rows: Iterable<{ requestId: string | null }>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { requestId } of rows) if (requestId) counts.set(requestId, (counts.get(requestId) ?? 0) + 1);
  return counts;
}

/** [I1] */
export const oneAtATime: Check = ({ store }) => {
  const requests = [...store.live('request').values()].map((r) => r.callerId);
  const talks = [...store.live('talk').values()].flatMap((t) => t.callerId ?? []);
  const offers = [...store.live('offer').values()].map((o) => store.get('request', o.requestId)?.callerId ?? o.id);
  return [
    ...twice(requests).map((id) => `${id} has two live requests`),
    ...twice(talks).map((id) => `${id} is in two talks`),
    ...twice(offers).map((id) => `${id} is in two offers`),
  ];
};

/** [I2] Whoever was promised a place has one or it is over; every request stands where it can go on from. */
export const nobodyLost: Check = (seen) => {
  const { store, ledger } = seen;
  const wrong: string[] = [];
  for (const [id, callerId] of ledger.promised) {
    const request = store.get('request', id);
    if (!request) wrong.push(`${callerId} was promised ${id}, and it is gone`);
    else if (!store.live('request').has(id)) ledger.promised.delete(id);
  }
  const pending = countBy(store.live('offer').values());
  const talking = countBy(store.live('talk').values());
  for (const r of store.live('request').values()) {
    const stands = [r.state === 'offered' ? 1 : 0, r.state === 'matched' ? 1 : 0];
    if ((pending.get(r.id) ?? 0) !== stands[0]) wrong.push(`${r.id} is ${r.state} and has not the offer of that`);
    if ((talking.get(r.id) ?? 0) !== stands[1]) wrong.push(`${r.id} is ${r.state} and has not the talk of that`);
    if (r.heldUntil !== null && r.state !== 'matched' && isLate(seen, r.heldUntil))
      wrong.push(`the place of ${r.id} is held for longer than it should`);
  }
  return wrong;
};

/** [CO2] Somebody who was away when they were taken is held for as long as any other, from when they were lost. */
export const heldFromFirst: Check = (seen) =>
  [...changesOf(seen, 'talk')].flatMap(({ id, before, after }) => {
    if (before || !after || after.callerLostAt === null) return [];
    const until = seen.store.get('due', `conversation.stale/${id}`)?.at;
    return until === after.callerLostAt + 600_000 ? [] : [`${id} holds ${after.callerId} until ${until}`];
  });

/** [I4] */
export const nobodyStarves: Check = (seen) =>
  [...seen.ledger.pairs].flatMap(([pair, since]) =>
    isLate(seen, since + 3000) ? [`${pair.replace(' ', ' waits beside ')}, who is free, for over 5 s`] : [],
  );

/** [I6] */
export const offersResolveOnce: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'offer')) {
    if (after && before && before.state !== 'pending')
      wrong.push(`${id} was ${before.state} and became ${after.state}`);
    const late = after?.state === 'accepted' && entry.at >= after.expiresAt;
    if (late) wrong.push(`${id} was accepted after its time`);
  }
  for (const offer of seen.store.live('offer').values())
    if (isLate(seen, offer.expiresAt)) wrong.push(`${offer.id} is pending after its time`);
  return wrong;
};

/** [I5] What a peer carries is what it costs: offers and invitations that are open, talks, and wrap-ups that are due. */
export const loadAddsUp: Check = ({ store }) => {
  const carried = new Map<string, number>();
  const add = (id: string, cost: number) => carried.set(id, (carried.get(id) ?? 0) + cost);
  for (const o of store.live('offer').values()) add(o.peerId, o.cost);
  for (const i of store.live('invitation').values()) if (i.state === 'ringing' && i.ringsId) add(i.ringsId, i.cost);
  const costIn = (talkId: string, peerId: string) =>
    store.get('participant', `${talkId}/${peerId}`)?.cost ?? store.get('talk', talkId)?.cost ?? 0;
  for (const w of store.live('wrapUp').values()) add(w.peerId, costIn(w.talkId, w.peerId));
  for (const x of store.live('participant').values()) {
    const talk = store.get('talk', x.talkId);
    if (x.role === 'peer' && talk && !talk.sideOf) add(x.partyId, costIn(talk.id, x.partyId));
  }
  return [...store.live('peer').values()].flatMap(({ id, load }) => {
    const should = carried.get(id) ?? 0;
    if (should > 100) return [`${id} carries ${should} of 100`];
    return load === should ? [] : [`${id} carries ${should}, and ${load} is written`];
  });
};
