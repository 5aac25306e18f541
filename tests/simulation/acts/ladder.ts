import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { Escalation, Ground } from '@hearthline/shared/domain/escalation.machine';
import { Refused, type Tx } from '../act.ts';
import type { Line } from '../line/line.ts';
import type { RowOf } from '../store/rows.ts';
import { lockTalk, type Talk } from './parties.ts';

export type Locked = { row: RowOf<'escalation'>; talk: Talk };

export function lockEscalation(tx: Tx, id: string): Locked {
  const row = tx.get('escalation', id);
  if (!row) throw new Refused('escalation.gone');
  return { row, talk: lockTalk(tx, row.talkId) };
}

/** What the machine decides about. */
export function machineOf({ state, step, attempt, dueAt, pagedId, ownerId }: RowOf<'escalation'>): Escalation {
  const rung = { step, attempt };
  if (state === 'asking' && dueAt !== null) return { state, dueAt: new Date(dueAt) };
  if (state === 'paging' && dueAt !== null && pagedId) return { state, rung, pagedId, dueAt: new Date(dueAt) };
  if (state === 'acknowledged' && dueAt !== null && ownerId) return { state, rung, ownerId, dueAt: new Date(dueAt) };
  if ((state === 'joined' || state === 'left') && ownerId) return { state, rung, ownerId };
  if (state === 'asking' || state === 'paging' || state === 'acknowledged' || state === 'joined' || state === 'left')
    throw new Error(`an escalation that is ${state} lacks what that needs`);
  return { state };
}

/** By what the person of a step can be reached; the step may want some means only. */
export function meansOf({ config, means }: Line, staffId: string, step: number): readonly MeansKind[] {
  const wanted = config.escalation.steps[step - 1]?.means;
  return (means.get(staffId) ?? []).filter((kind) => !wanted || wanted.includes(kind));
}

/** [RO5][ES2] On call now, reachable by what the step wants, not the holder, and without a "no" since the ladder was begun. */
export function groundOf(tx: Tx, of: { id: string; calledAt: number | null } | null, holderId: string | null): Ground {
  const { line } = tx.world;
  const { escalation } = line.config;
  const declined = new Set(
    of && of.calledAt !== null
      ? tx
          .of('page', of.id)
          .filter((p) => p.answer === 'declined' && p.madeAt >= (of.calledAt ?? 0))
          .map((p) => p.staffId)
      : [],
  );
  return {
    ladder: escalation,
    now: tx.date,
    callable(step) {
      const layer = escalation.steps[step - 1]?.layer;
      const staffId = layer === undefined ? null : line.roster.onCall(layer, tx.now);
      return staffId && staffId !== holderId && !declined.has(staffId) && meansOf(line, staffId, step).length > 0
        ? staffId
        : null;
    },
  };
}

export const groundFor = (tx: Tx, { row, talk }: Locked): Ground =>
  groundOf(tx, row, talk.state === 'live' ? talk.peerId : null);

/** Writes what the machine decided, with its timer, the pages of a new rung and who is told. */
export function move(tx: Tx, { row, talk }: Locked, next: Escalation): void {
  const rung = 'rung' in next ? next.rung : { step: row.step, attempt: row.attempt };
  const dueAt = 'dueAt' in next ? next.dueAt.getTime() : null;
  const begins = row.calledAt === null && (next.state === 'paging' || next.state === 'exhausted');
  tx.put('escalation', {
    ...row,
    ...rung,
    state: next.state,
    dueAt,
    pagedId: next.state === 'paging' ? next.pagedId : null,
    ownerId: 'ownerId' in next ? next.ownerId : next.state === 'closed' ? row.ownerId : null,
    calledAt: begins ? tx.now : row.calledAt,
    since: tx.now,
  });
  if (dueAt === null) tx.undue('escalation.goOn', row.id);
  else tx.due('escalation.goOn', row.id, dueAt);
  if (next.state === 'paging') callOut(tx, row.id, next.pagedId, rung);
  if (next.state === 'exhausted') alarmCoordinators(tx, row.id);
  tell(tx, row.id, talk);
}

/** Everybody whom it concerns: both sides, and all who were called. */
export function tell(tx: Tx, id: string, talk: Talk): void {
  tx.emit('escalation.changed', talk.callerId, talk.peerId, ...new Set(tx.of('page', id).map((p) => p.staffId)));
}

/** One page a means; each id is a key of its own (I16). */
function callOut(tx: Tx, escalationId: string, staffId: string, rung: { step: number; attempt: number }): void {
  for (const means of meansOf(tx.world.line, staffId, rung.step))
    tx.put('page', pageOf(tx, { escalationId, staffId, means, ...rung }));
  tx.emit('page.made', staffId);
}

/** [ES12] Nobody is left to call. */
function alarmCoordinators(tx: Tx, escalationId: string): void {
  const { coordinators, means } = tx.world.line;
  for (const staffId of coordinators)
    for (const kind of means.get(staffId) ?? [])
      tx.put('page', pageOf(tx, { escalationId, staffId, means: kind, step: 0, attempt: 0 }));
  tx.emit('page.made', ...coordinators);
}

type New = Pick<RowOf<'page'>, 'escalationId' | 'staffId' | 'means' | 'step' | 'attempt'>;
export const pageOf = (tx: Tx, of: New): RowOf<'page'> => ({
  ...of,
  id: tx.newId('page'),
  state: 'due',
  failure: null,
  madeAt: tx.now,
  claimedAt: null,
  answer: null,
});
