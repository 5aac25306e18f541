import type { Record_ } from '../record.ts';
import { text } from './check.ts';

/**
 * What was held, from when to when in the order of the database (`n` of the transitions): processes' own times lie some
 * milliseconds apart, and a span that ends with a lock must not seem to reach past the one that waited for it.
 */
export type Span = { what: string; caller: string; peer: string; cost: number; from: number; to: number };

/** Offers while they are pending, and conversations: `live` ones, or until their wrap-up gives the room back. */
export function spansOf(r: Record_, talkUntil: 'ended' | 'wrappedUp'): Span[] {
  const callers = new Map(r.requests.map((q) => [q.id, q.caller]));
  const open = new Map<string, Span>();
  const all: Span[] = [];
  for (const t of r.transitions) {
    const what = `${t.kind === 'wrap_up' ? 'conversation' : t.kind} ${t.id}`;
    const begins = (t.kind === 'offer' && t.became === 'pending') || (t.kind === 'conversation' && t.became === 'live');
    const ends =
      t.kind === 'offer' ||
      (talkUntil === 'ended' ? t.became === 'ended' : t.kind === 'wrap_up' && t.became === 'done');
    if (begins && !open.has(what)) {
      const caller = callers.get(text(t.row['request_id'])) ?? '';
      const span = { what, caller, peer: text(t.row['peer_id']), cost: Number(t.row['cost']), from: t.n, to: Infinity };
      open.set(what, span);
      all.push(span);
    } else if (!begins && ends) {
      const span = open.get(what);
      if (span) span.to = t.n;
      open.delete(what);
    }
  }
  return all;
}
