import type { Facts } from '../facts.ts';
import type { Entry } from '../history.ts';
import { absences, okOf } from './entries.ts';

type Check = (facts: Facts, history: readonly Entry[]) => string[];
const live = Number.MAX_SAFE_INTEGER;

/**
 * Times are those of different processes, which differ by a little; the numbers of events do not: whoever changes what a
 * caller or a peer holds does so under the lock of their row. @returns of whom there was more than one at once.
 */
function heldTwice(events: Facts['events'], of: (e: Facts['events'][0]) => string | null, gives: RegExp): string[] {
  const held = new Map<string, number>();
  const twice = new Set<string>();
  for (const e of events) {
    const who = of(e);
    if (!who) continue;
    const by = e.type === 'offer.made' ? 1 : gives.test(e.type) ? -1 : 0;
    const now = Math.max(0, (held.get(who) ?? 0) + by);
    held.set(who, now);
    if (now > 1) twice.add(who);
  }
  return [...twice];
}

/** [I1] No caller is in two live offers or two live conversations. */
export const oneAtATime: Check = ({ requests, events }) => {
  const callerOf = new Map(requests.map((r) => [r.id, r.caller_id]));
  const over = /^offer\.(declined|expired|rescinded)$|^conversation\.ended$/;
  return heldTwice(events, (e) => e.caller ?? callerOf.get(e.request ?? '') ?? null, over).map(
    (caller) => `caller ${caller} had two offers or conversations at once`,
  );
};

/** [I2] Every acknowledged request has a row, and stands where it can go on from, or is over. */
export const nobodyLost: Check = ({ requests, offers, talks }, history) => {
  const byCaller = Map.groupBy(requests, (r) => r.caller_id);
  const pending = new Set(offers.filter((o) => o.state === 'pending').map((o) => o.request_id));
  const talking = new Set(talks.filter((t) => t.state === 'live').map((t) => t.request_id));
  return [
    ...okOf(history, 'request.open').flatMap((e) =>
      byCaller.has(e.actor) ? [] : [`${e.actor} was promised a place and has none`],
    ),
    ...requests.flatMap((r) => {
      if (r.state === 'offered' && !pending.has(r.id)) return [`request ${r.id} is offered to nobody`];
      if (r.state === 'matched' && !talking.has(r.id)) return [`request ${r.id} is matched and in no conversation`];
      return [];
    }),
  ];
};

/**
 * [I3] First come, first offered. Whoever was away, or declined or recused by that peer, may be passed over; so may whoever
 * came within the time a snapshot takes.
 */
export const firstComeFirstOffered: Check = ({ requests, offers, exclusions }, history) => {
  const snapshotMs = 2000;
  const away = absences(history);
  const firstOffer = new Map<string, number>();
  for (const o of offers) firstOffer.set(o.request_id, Math.min(firstOffer.get(o.request_id) ?? live, o.made_at));
  const barred = new Set(exclusions.map((x) => `${x.request_id}/${x.peer_id}`));
  const byId = new Map(requests.map((r) => [r.id, r]));
  return offers.flatMap((o) => {
    const mine = byId.get(o.request_id);
    if (!mine || firstOffer.get(mine.id) !== o.made_at) return [];
    const passedOver = requests.find(
      (r) =>
        r.class === mine.class &&
        r.first_joined_at < mine.first_joined_at &&
        o.made_at - r.first_joined_at > snapshotMs &&
        (firstOffer.get(r.id) ?? live) > o.made_at &&
        (r.ended_at ?? live) > o.made_at &&
        !away.has(r.caller_id) &&
        !barred.has(`${r.id}/${o.peer_id}`),
    );
    return passedOver ? [`request ${passedOver.id} was passed over for ${mine.id}`] : [];
  });
};

/** [I4] When all has come to rest, nobody present waits beside a peer who could take them. */
export const nobodyStarves: Check = ({ requests, peers, exclusions }) => {
  const barred = new Set(exclusions.map((x) => `${x.request_id}/${x.peer_id}`));
  const free = peers.filter(
    (p) => p.state === 'available' && p.away_since === null && p.load + Math.floor(100 / p.chat_limit) <= 100,
  );
  return requests
    .filter((r) => r.state === 'waiting' && r.absent_since === null)
    .flatMap((r) =>
      free.some((p) => !barred.has(`${r.id}/${p.staff_id}`)) ? [`request ${r.id} waits although a peer is free`] : [],
    );
};

/** [I5] A peer of the rig takes one at a time, until the wrap-up is in; and the load says what is held. */
export const neverAboveCapacity: Check = ({ offers, talks, peers, wrapUps, participants, events }) => {
  const due = new Set(wrapUps.filter((w) => w.state === 'due').map((w) => `${w.conversation_id}/${w.peer_id}`));
  const here = participants.filter((p) => p.role === 'peer' && p.left_at === null);
  const isIn = (talk: string, peer: string) => here.some((h) => h.conversation_id === talk && h.party_id === peer);
  const over = /^offer\.(declined|expired|rescinded)$|^wrapUp\.submitted$/;
  const loads = peers.flatMap((p) => {
    const held = [
      ...offers.filter((o) => o.peer_id === p.staff_id && o.state === 'pending'),
      ...talks.filter((t) => due.has(`${t.id}/${p.staff_id}`) || (t.state === 'live' && isIn(t.id, p.staff_id))),
    ].reduce((sum, one) => sum + one.cost, 0);
    return p.state !== 'off' && held !== p.load ? [`peer ${p.staff_id} has a load of ${p.load} and holds ${held}`] : [];
  });
  return [
    ...heldTwice(events, (e) => e.peer, over).map((peer) => `peer ${peer} had more than they can take`),
    ...loads,
  ];
};

/** [I6] Each offer ends once, as one thing; [I7] who was told yes has the conversation, who was told no has none. */
export const offersEndOnce: Check = ({ offers, talks, participants, events }, history) => {
  const ends = Map.groupBy(
    events.filter((e) => /^offer\.(accepted|declined|expired|rescinded)$/.test(e.type)),
    (e) => e.offer ?? '',
  );
  const byId = new Map(offers.map((o) => [o.id, o]));
  const requestOf = new Map(talks.map((t) => [t.id, t.request_id]));
  // who has it may have passed it on since
  const talkOf = new Set(participants.map((p) => `${requestOf.get(p.conversation_id)}/${p.party_id}`));
  const offerIn = (e: Entry) => byId.get(String(e.args?.['offerId']));
  return [
    ...offers.flatMap((o) => ((ends.get(o.id)?.length ?? 0) > 1 ? [`offer ${o.id} ended more than once`] : [])),
    ...offers.flatMap((o) =>
      (o.state === 'pending') === (o.resolved_at === null)
        ? []
        : [`offer ${o.id} is ${o.state} and ended at ${o.resolved_at}`],
    ),
    ...okOf(history, 'offer.accept').flatMap((e) => {
      const offer = offerIn(e);
      return offer?.state === 'accepted' && talkOf.has(`${offer.request_id}/${e.actor}`)
        ? []
        : [`${e.actor} was told they took an offer that is ${offer?.state ?? 'gone'}`];
    }),
    ...history
      .filter((e) => e.op === 'offer.accept' && e.type === 'fail')
      .flatMap((e) => {
        const offer = offerIn(e);
        return offer?.state === 'accepted' && offer.peer_id === e.actor
          ? [`${e.actor} was told no and has the conversation`]
          : [];
      }),
  ];
};

/** [I20] Whoever lost their page is offered nothing more after 20 s. */
export const absentPeersAreLeftAlone: Check = ({ offers }, history) => {
  const away = absences(history);
  const graceMs = 20_000;
  return offers.flatMap((o) =>
    (away.get(o.peer_id) ?? []).some((a) => o.made_at > a.from + graceMs && o.made_at < a.to)
      ? [`peer ${o.peer_id} was offered something ${graceMs / 1000} s after they were gone`]
      : [],
  );
};

/** [I22] Only listed transitions: the events of each request, offer and conversation, in the order they were committed. */
export const onlyListedTransitions: Check = ({ events }) => {
  const next: Record<string, readonly string[]> = {
    '': ['request.opened'],
    'request.opened': ['offer.made', 'request.left', 'request.lapsed'],
    'offer.made': [
      'offer.accepted',
      'offer.declined',
      'offer.expired',
      'offer.rescinded',
      'request.left',
      'request.lapsed',
    ],
    'offer.declined': ['offer.made', 'request.left', 'request.lapsed'],
    'offer.expired': ['offer.made', 'request.left', 'request.lapsed'],
    'offer.rescinded': ['offer.made', 'request.left', 'request.lapsed'],
    'offer.accepted': ['conversation.ended', 'conversation.returned'],
    'conversation.ended': ['conversation.returned'],
    'conversation.returned': ['offer.made', 'request.left', 'request.lapsed', 'conversation.ended'],
  };
  const state = new Map<string, string>();
  const wrong: string[] = [];
  for (const e of events) {
    if (!e.request || (!(e.type in next) && !/\.(left|lapsed|ended)$/.test(e.type))) continue;
    const before = state.get(e.request) ?? '';
    if (!next[before]?.includes(e.type)) wrong.push(`request ${e.request}: ${e.type} after ${before || 'nothing'}`);
    state.set(e.request, e.type);
  }
  return wrong;
};

/** [I26] No offer runs out before its time. */
export const noTimerEarly: Check = ({ offers }) =>
  offers.flatMap((o) =>
    o.state === 'expired' && (o.resolved_at ?? 0) < o.expires_at
      ? [`offer ${o.id} ran out ${o.expires_at - (o.resolved_at ?? 0)} ms early`]
      : [],
  );
