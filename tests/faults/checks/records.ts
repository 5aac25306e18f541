import { excused, gaps, grouped, of, text, type Check } from './check.ts';

/** How late a timer may be: the sweeper's turn, its work, and a busy machine. */
const lateMs = 2000 + 3000;
/** Rounding of times to whole milliseconds. */
const earlyMs = 5;
const reconnectMs = 5000;

/** I19: each act that must be on record is, and every record is sealed within 5 s. */
export const onRecord: Check = (r) => {
  const told = grouped(r.audits, (a) => `${a.action}/${a.record}`);
  const times = (action: string, id: string) => told.get(`${action}/${id}`)?.length ?? 0;
  const wanted = [
    ...r.offers.filter((o) => o.state === 'accepted').map((o) => ['offer.accepted', o.id] as const),
    ...r.offers.filter((o) => o.state === 'expired').map((o) => ['offer.expired', o.id] as const),
    ...r.talks.filter((t) => t.state === 'ended').map((t) => ['conversation.ended', t.id] as const),
  ];
  const missing = wanted
    .filter(([a, id]) => times(a, id) !== 1)
    .map(([a, id]) => `${a} of ${id} is on record ${times(a, id)} times`);
  const open = r.audits.filter((a) => !a.sealed && a.at < r.now - 5000).map((a) => `audit row ${a.id} is not sealed`);
  return [...missing, ...open];
};

/** I21: whatever was repeated had one answer and one effect. */
export const repeatsAreOne: Check = (r) => {
  const bad: string[] = [];
  for (const [id, all] of grouped(r.messages, (m) => `${m.talk}/${m.sender}/${m.client}`))
    if (all.length > 1) bad.push(`message ${id} is stored ${all.length} times`);
  for (const [request, all] of grouped(r.talks, (t) => `${t.request}/${t.peer}/${t.from}`))
    if (all.length > 1) bad.push(`${request} opened ${all.length} conversations`);
  for (const [id, all] of grouped(of(r, 'message.send', 'ok'), (e) => text(e.args['clientId'])))
    if (new Set(all.map((e) => (e.args['answer'] as { seq: number }).seq)).size > 1) bad.push(`${id} had two answers`);
  for (const [caller, mine] of grouped(of(r, 'request.open', 'ok'), (e) => e.actor)) {
    const opened = r.requests.filter((q) => q.caller === r.people.find((p) => p.name === caller)?.id).length;
    const asked = r.events.filter((e) => e.actor === caller && e.op === 'request.open' && e.type === 'invoke').length;
    if (opened > asked) bad.push(`${caller} asked ${asked} times (${mine.length} answered) and has ${opened} requests`);
  }
  return bad;
};

/** SPEC RQ1, OF1 to OF5, CO1. A row is made in its first state. */
const listed: Record<string, Record<string, readonly string[]>> = {
  request: {
    '': ['waiting'],
    waiting: ['offered', 'left', 'lapsed'],
    offered: ['waiting', 'matched', 'left', 'lapsed'],
    matched: ['waiting', 'closed'],
  },
  offer: { '': ['pending'], pending: ['accepted', 'declined', 'expired', 'rescinded'] },
  conversation: { '': ['live'], live: ['ended'] },
};
/** I22: only listed changes of state. */
export const onlyListedSteps: Check = (r) =>
  r.transitions
    .filter((t) => listed[t.kind] && t.was !== t.became && !listed[t.kind]?.[t.was ?? '']?.includes(t.became))
    .map((t) => `${t.kind} ${t.id} went from ${t.was ?? 'nothing'} to ${t.became}`);

/** I23: the order told by Redis is the order of the rows. */
export const queueIsTheRows: Check = (r) => {
  const rows = r.requests
    .filter((q) => q.state === 'waiting')
    .toSorted((a, b) => a.class - b.class || Math.floor(a.joined) - Math.floor(b.joined) || (a.id < b.id ? -1 : 1))
    .map((q) => q.id);
  return rows.join() === r.queue.join() ? [] : [`Redis tells ${r.queue.join()}, the rows tell ${rows.join()}`];
};

/** I24: neither address nor browser of a caller is kept. */
export const nothingKept: Check = (r) => [...r.leaks];

/** I25: whoever was connected to a server that was asked to stop is back within 5 s. */
export const politeDeploy: Check = (r) => {
  const begun = of(r, 'fault.begin').filter((e) => text(e.args['name']).includes('SIGTERM'));
  return begun.flatMap((e) => {
    const end = of(r, 'fault.end').find((x) => x.t >= e.t && x.args['name'] === e.args['name'])?.t ?? Infinity;
    return r.people.flatMap((p) =>
      gaps(r, p.name)
        .filter((g) => g.from >= e.t && g.from <= end && g.to - g.from > reconnectMs)
        .map((g) => `${p.name} was without a line for ${g.to - g.from} ms`),
    );
  });
};

/** I26: by the database's clock no offer expires early, nor late beyond the bound. */
export const timersByOneClock: Check = (r) => {
  const pardoned = excused(r, 'I26', lateMs);
  return r.transitions
    .filter((t) => t.kind === 'offer' && t.became === 'expired' && t.was === 'pending')
    .flatMap((t) => {
      const by = t.at - Date.parse(text(t.row['expires_at']));
      if (by < -earlyMs) return [`offer ${t.id} expired ${-by} ms early`];
      return by > lateMs && !pardoned(t.at) ? [`offer ${t.id} expired ${by} ms late`] : [];
    });
};
