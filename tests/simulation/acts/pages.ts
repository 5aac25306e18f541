import { act, type Tx } from '../act.ts';
import type { Process } from '../processes.ts';
import type { RowOf } from '../store/rows.ts';
import { pageOf, tell } from './ladder.ts';
import { lockTalk } from './parties.ts';

/** So long a provider has to say yes; after the second nobody sends it any more. */
export const deadlineMs = 5000;
export const goneAfterMs = 10_000;
const mostUnknown = 3;

export type Handed = { state: 'sent' } | { state: 'failed'; why: string };
export type Claimed = { page: RowOf<'page'>; needed: boolean };

/** Whoever claims a row first sends it. */
export const claimPages = (p: Process) =>
  act(p, { name: 'page.claim' }, (tx): Claimed[] =>
    [...tx.live('page').values()]
      .filter((page) => page.state === 'due')
      .flatMap(({ id, escalationId }) => {
        const page = tx.change('page', id, (q) => q.state === 'due', { state: 'sending', claimedAt: tx.now });
        const e = tx.get('escalation', escalationId);
        return page ? [{ page, needed: e?.state === 'paging' || e?.state === 'exhausted' }] : [];
      }),
  );

function tellOf(tx: Tx, { escalationId }: RowOf<'page'>): void {
  const row = tx.get('escalation', escalationId);
  if (row) tell(tx, row.id, lockTalk(tx, row.talkId));
}

/** [PG3] Only while it is still being sent. @returns whether a page of an escalation failed that was needed */
export const markDone = (p: Process, id: string, handed: Handed) =>
  act(p, { name: 'page.mark' }, (tx) => {
    const failure = handed.state === 'failed' ? handed.why : null;
    const marked = tx.change('page', id, (q) => q.state === 'sending', { state: handed.state, failure });
    if (marked) tellOf(tx, marked);
    return { failed: marked !== null && failure !== null && failure !== 'notNeeded' };
  });

/** [PG5] Taken, and then reported as not arrived. */
export const markUndelivered = (p: Process, id: string) =>
  act(p, { name: 'page.undelivered' }, (tx) => {
    const guard = (q: RowOf<'page'>) => (q.state === 'sending' || q.state === 'sent') && q.answer === null;
    const marked = tx.change('page', id, guard, { state: 'failed', failure: 'undelivered' });
    if (marked) tellOf(tx, marked);
    return { failed: marked !== null };
  });

export const stalePages = (p: Process): string[] =>
  [...p.world.store.live('page').values()]
    .filter((q) => q.state === 'sending' && (q.claimedAt ?? 0) < p.clock() - deadlineMs - goneAfterMs)
    .map((q) => q.id);

/** [PG2] Its process died between claim and mark: nobody knows. Another attempt, under another key, follows where it is needed. */
export const giveUp = (p: Process, id: string) =>
  act(p, { name: 'page.giveUp' }, (tx) => {
    const before = tx.now - deadlineMs - goneAfterMs;
    const given = tx.change('page', id, (q) => q.state === 'sending' && (q.claimedAt ?? 0) < before, {
      state: 'unknown',
    });
    if (!given) return { last: false };
    tellOf(tx, given);
    const e = tx.get('escalation', given.escalationId);
    const ofRung = e?.state === 'paging' && e.step === given.step && e.attempt === given.attempt;
    const needed = ofRung || (e?.state === 'exhausted' && given.step === 0);
    const same = tx.of('page', given.escalationId).filter((q) => q.staffId === given.staffId);
    const tries = same.filter(
      (q) => q.means === given.means && q.step === given.step && q.attempt === given.attempt && q.state === 'unknown',
    ).length;
    if (!needed || same.some((q) => q.answer !== null) || tries >= mostUnknown) return { last: true };
    tx.put('page', pageOf(tx, given));
    tx.emit('page.made', given.staffId);
    return { last: false };
  });
