import { excused, gaps, grouped, of, text, type Check } from './check.ts';
import { spansOf, type Span } from './spans.ts';

/** How much later than promised is still on time on a busy machine, and how far two programs' times may lie apart. */
const slackMs = 2000;
const offerWithinMs = 5000;
/** A page is missed after the grace and one lease of presence at the latest, and the sweep after it. */
const goneAfterMs = 20_000 + slackMs;

/** I1: no caller is in two live offers or conversations. An accepted offer ends before its conversation begins. */
export const oneAtATime: Check = (r) =>
  [...grouped(spansOf(r, 'ended'), (s) => s.caller).values()].flatMap((mine) =>
    mine.flatMap((one) =>
      mine
        .filter((two) => two.from > one.from && two.from < one.to)
        .map((two) => `${one.what} and ${two.what} at once`),
    ),
  );

/** I2: each request that was acknowledged is there, and has an end or still waits, once. */
export const noneLost: Check = (r) => {
  const rows = new Map(r.requests.map((q) => [q.id, q]));
  const bad: string[] = [];
  for (const e of of(r, 'request.open', 'ok')) {
    const view = e.args['answer'] as { stage: string; requestId?: string };
    if (view.requestId && !rows.has(view.requestId))
      bad.push(`${e.actor} was told of ${view.requestId}: there is no row`);
  }
  for (const q of r.requests) {
    const pending = r.offers.filter((o) => o.request === q.id && o.state === 'pending').length;
    const live = r.talks.filter((t) => t.request === q.id && t.state === 'live').length;
    const want = { offered: [1, 0], matched: [0, 1] }[q.state] ?? [0, 0];
    if (pending !== want[0] || live !== want[1])
      bad.push(`request ${q.id} is ${q.state} with ${pending} offers, ${live} talks`);
  }
  return bad;
};

type Wait = { id: string; class: number; joined: number; from: number; to: number };
/** I3: who joined before is asked before, unless absent, just declined, or away from every server. */
export const inOrder: Check = (r) => {
  const waits: Wait[] = [];
  const open = new Map<string, Wait>();
  for (const t of r.transitions) {
    if (t.kind !== 'request') continue;
    const before = open.get(t.id);
    if (before) before.to = t.at;
    open.delete(t.id);
    if (t.became !== 'waiting' || t.row['absent_since'] !== null) continue;
    const joined = Date.parse(text(t.row['first_joined_at']));
    const wait = { id: t.id, class: Number(t.row['class']), joined, from: t.at, to: Infinity };
    open.set(t.id, wait);
    waits.push(wait);
  }
  const barred = new Set(r.exclusions.map((x) => x.request));
  const requests = new Map(r.requests.map((q) => [q.id, q]));
  return r.offers.flatMap((o) => {
    const taken = waits.find(
      (w) => w.id === o.request && w.from <= o.from + slackMs && Math.abs(w.to - o.from) < slackMs,
    );
    if (!taken || !requests.has(o.request)) return [];
    return waits
      .filter((w) => w.id !== o.request && !barred.has(w.id) && w.class === taken.class && w.joined < taken.joined)
      .filter((w) => w.from < o.from - slackMs && w.to > o.from + slackMs)
      .map((w) => `request ${o.request} was offered while ${w.id}, older, waited`);
  });
};

/** I4: a caller at the head with a free peer is offered within 5 s. */
export const noneStarves: Check = (r) => {
  const pardoned = excused(r, 'I4', offerWithinMs + slackMs);
  const bad: string[] = [];
  let head: string | null = null;
  let since = 0;
  for (const e of of(r, 'sample')) {
    const now = e.args['head'] as string | null;
    if (now !== head || now === null || pardoned(e.t)) {
      head = pardoned(e.t) ? null : now;
      since = e.t;
    } else if (e.t - since > offerWithinMs + slackMs) {
      bad.push(`request ${head} was first for ${e.t - since} ms beside a free peer`);
      head = null;
    }
  }
  return bad;
};

/** I5: what a peer carries never goes over a whole peer, and the row's sum is right in the end. */
export const withinCapacity: Check = (r) =>
  [...grouped(spansOf(r, 'wrappedUp'), (s) => s.peer)].flatMap(([peer, mine]) => {
    const over = mine.map((s) => carried(mine, s.from)).filter((sum) => sum > 100);
    const told = r.loads.find((l) => l.peer === peer)?.load ?? 0;
    const now = carried(mine, Infinity);
    const wrong = told === now ? [] : [`${peer} has load ${told} and carries ${now}`];
    return [...over.map((sum) => `${peer} carried ${sum}`), ...wrong];
  });
const carried = (spans: Span[], at: number) =>
  spans.filter((s) => s.from <= at && (at < s.to || s.to === Infinity)).reduce((sum, s) => sum + s.cost, 0);

/** I6: each offer is resolved once, and nobody but one peer was told that they have it. */
export const resolvedOnce: Check = (r) => {
  const bad: string[] = [];
  for (const o of r.offers) {
    const ends = r.transitions.filter(
      (t) => t.kind === 'offer' && t.id === o.id && t.was === 'pending' && t.became !== 'pending',
    );
    if (ends.length !== (o.state === 'pending' ? 0 : 1)) bad.push(`offer ${o.id} ended ${ends.length} times`);
    const talks = r.talks.filter((t) => t.request === o.request && t.peer === o.peer && t.from === o.to);
    if (o.state === 'accepted' && talks.length !== 1) bad.push(`offer ${o.id} was accepted into ${talks.length} talks`);
    if (o.state === 'pending' && o.expires < r.now - offerWithinMs)
      bad.push(`offer ${o.id} is long over and still pending`);
  }
  return bad;
};

/** I7: a peer who was told "accepted" holds it; none was accepted after its deadline. */
export const staleIsRefused: Check = (r) => {
  const byId = new Map(r.offers.map((o) => [o.id, o]));
  const peers = new Map(r.people.map((p) => [p.name, p.id]));
  const late = r.offers
    .filter((o) => o.state === 'accepted' && (o.to ?? 0) >= o.expires)
    .map((o) => `offer ${o.id} was accepted late`);
  const false_ = of(r, 'offer.accept', 'ok')
    .filter((e) => {
      const offer = byId.get(text(e.args['offerId']));
      return offer?.state !== 'accepted' || offer.peer !== peers.get(e.actor);
    })
    .map((e) => `${e.actor} was told they have offer ${text(e.args['offerId'])}`);
  return [...late, ...false_];
};

/** I20: nobody is offered to a peer who has been gone for 20 s. */
export const notToTheAbsent: Check = (r) => {
  const pardoned = excused(r, 'I20', goneAfterMs);
  return r.people
    .filter((p) => p.kind === 'peer')
    .flatMap((p) =>
      gaps(r, p.name).flatMap((gap) =>
        r.offers
          .filter((o) => o.peer === p.id && o.from > gap.from + goneAfterMs && o.from < gap.to && !pardoned(o.from))
          .map((o) => `${p.name} was gone for ${o.from - gap.from} ms and got offer ${o.id}`),
      ),
    );
};
