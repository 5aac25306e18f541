import { onOwnerOut, onTalkEnded, withdraw } from '@hearthline/shared/domain/escalation.machine';
import type { Tx } from '../act.ts';
import type { RowOf } from '../store/rows.ts';
import { machineOf, move, tell } from './ladder.ts';
import { lockTalk, type Talk } from './parties.ts';

/** The one of a talk that is not over; whoever has left theirs has it to close, and it stands in nobody's way. */
export const openEscalation = (tx: Pick<Tx, 'live'>, talkId: string): RowOf<'escalation'> | undefined =>
  [...tx.live('escalation').values()].find((e) => e.talkId === talkId);

/** [ES11] Inside of the transaction that ends the talk. [ES16] @param goesOn its caller waits for the next peer */
export function endWithTalk(tx: Tx, talk: Talk, goesOn: boolean): void {
  const row = openEscalation(tx, talk.id);
  const next = row && onTalkEnded(machineOf(row), row.kind, goesOn);
  if (row && next) move(tx, { row, talk }, next);
}

/** [ES15] A clinician is out of a talk that goes on. */
export function ownerOut(tx: Tx, talk: Talk, staffId: string): void {
  const row = openEscalation(tx, talk.id);
  const next = row && onOwnerOut(machineOf(row), staffId);
  if (row && next) move(tx, { row, talk }, next);
}

/** [ES16] Whoever is called for a caller in the line is called on in the talk that they have now. */
export function followCaller(tx: Tx, callerId: string, talkId: string): void {
  const row = calledFor(tx, callerId);
  if (!row) return;
  tx.put('escalation', { ...row, talkId });
  tx.note(`followed ${row.id} → ${talkId}`);
  tell(tx, row.id, lockTalk(tx, talkId));
}

/** [ES16] The caller is not in the line any more: nobody is called for them. */
export function endWithRequest(tx: Tx, callerId: string): void {
  const row = calledFor(tx, callerId);
  const next = row && withdraw(machineOf(row));
  if (row && next?.ok) move(tx, { row, talk: lockTalk(tx, row.talkId) }, next.value);
}

function calledFor(tx: Tx, callerId: string): RowOf<'escalation'> | undefined {
  return [...tx.live('escalation').values()].find((e) => {
    const talk = tx.get('talk', e.talkId);
    const called = e.state === 'paging' || e.state === 'acknowledged' || e.state === 'exhausted';
    return called && talk?.callerId === callerId && talk.state === 'ended';
  });
}
