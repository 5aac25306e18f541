import type { Entry } from '../world.ts';
import type { Check } from './check.ts';

/** [I22] Every transition there is. What is not here is a bug, whatever the product's own tables say. `-`: made. */
const listed: Record<string, Record<string, readonly string[]>> = {
  request: {
    '-': ['waiting'],
    waiting: ['offered', 'matched', 'left', 'lapsed', 'closed'],
    offered: ['waiting', 'matched', 'left', 'lapsed'],
    matched: ['waiting', 'closed'],
  },
  offer: { '-': ['pending'], pending: ['accepted', 'declined', 'expired', 'rescinded'] },
  talk: { '-': ['live'], live: ['ended'] },
  wrapUp: { '-': ['due'], due: ['done'], done: ['due'] },
  invitation: {
    '-': ['asking'],
    asking: ['ringing', 'refused', 'unanswered', 'returned', 'withdrawn'],
    ringing: ['ringing', 'joined', 'returned', 'withdrawn'],
  },
  escalation: {
    '-': ['asking', 'paging', 'exhausted'],
    asking: ['paging', 'exhausted', 'refused', 'unanswered', 'withdrawn'],
    paging: ['paging', 'acknowledged', 'exhausted', 'withdrawn'],
    acknowledged: ['paging', 'joined', 'exhausted', 'withdrawn'],
    exhausted: ['paging', 'exhausted', 'acknowledged', 'withdrawn'],
    joined: ['left', 'closed'],
    left: ['joined', 'closed'],
  },
  page: {
    '-': ['due'],
    due: ['sending'],
    sending: ['sent', 'failed', 'unknown'],
    sent: ['failed'],
  },
};
type Row = { state?: string; step?: number; attempt?: number; since?: number };

export const onlyListed: Check = ({ fresh }) =>
  fresh.flatMap((entry) =>
    entry.changes.flatMap((change) => {
      const [before, after] = [change.before as Row | null, change.after as Row | null];
      const table = listed[change.table];
      const from = before?.state ?? '-';
      if (!table || !after?.state) return [];
      const goesOn = from === after.state && (change.table !== 'escalation' || before?.since === after.since);
      if (goesOn || table[from]?.includes(after.state)) return [];
      return [`${change.id} went from ${from} to ${after.state} by ${entry.name}`];
    }),
  );

/** [I26] What goes by time goes at its time and never before, by the database's clock. */
export const neverEarly: Check = ({ fresh }) =>
  fresh.flatMap((entry) =>
    entry.changes.flatMap((change) => {
      const until = timeOf(entry, change);
      return until !== null && entry.at < until
        ? [`${change.id} went on by ${entry.name} ${until - entry.at} ms before its time`]
        : [];
    }),
  );

function timeOf({ name }: Entry, change: Entry['changes'][number]): number | null {
  if (change.table === 'escalation' && name === 'escalation.goOn') return change.before?.dueAt ?? null;
  if (change.table === 'invitation' && name === 'invitation.goOn') return change.before?.dueAt ?? null;
  if (change.table === 'offer' && change.after?.state === 'expired') return change.before?.expiresAt ?? null;
  if (change.table === 'request' && name === 'request.lapse') return change.before?.heldUntil ?? null;
  if (change.table === 'talk' && name === 'conversation.stale' && change.before?.callerLostAt)
    return change.before.callerLostAt + 600_000;
  return null;
}

/** [I16] Nothing goes out twice under one key, and what nobody knows of is given up. */
export const onceAKey: Check = (seen) => {
  const wrong = seen.ledger.handedAgain.map((id) => `${id} was handed over twice`);
  for (const page of seen.store.live('page').values()) {
    const anybody = seen.ledger.able && seen.now > seen.ledger.ableSince + 3000;
    if (page.state === 'sending' && anybody && seen.now > (page.claimedAt ?? 0) + 20_000)
      wrong.push(`${page.id} is being sent for over 20 s`);
  }
  return wrong;
};
