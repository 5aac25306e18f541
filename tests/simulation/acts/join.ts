import { join } from '@hearthline/shared/domain/escalation.machine';
import { act, allow, orRefuse, Refused, type Tx } from '../act.ts';
import type { Process } from '../processes.ts';
import { sharedNow } from './escalations.ts';
import { lockEscalation, machineOf, move, type Locked } from './ladder.ts';
import { rescind } from './offers.ts';
import { openTalk } from './openTalk.ts';
import { addParty, lockTalk } from './parties.ts';
import { openSide } from './sides.ts';

/** [ES7][ES15][ES16] */
export const joinEscalation = (p: Process, staffId: string, { commandId, id }: { commandId: string; id: string }) =>
  act(p, { name: 'escalation.join', actor: staffId, commandId }, (tx) => {
    const found = lockEscalation(tx, id);
    const { row, talk } = found;
    allow(row.ownerId === staffId, 'escalation.gone');
    const e = machineOf(row);
    const next = orRefuse(join(e, staffId));
    if (anotherIsOpen(tx, found)) throw new Refused('escalation.open');
    const now = talk.state === 'live' ? found : takeFromLine(tx, found, staffId);
    const talkId = talk.state === 'live' ? comeIn(tx, found, staffId) : now.talk.id;
    if (next !== e) move(tx, now, next);
    return { talkId };
  });

/** [ES15] Somebody else was called for this caller meanwhile. */
const anotherIsOpen = (tx: Tx, { row, talk }: Locked): boolean =>
  [...tx.live('escalation').values()].some(
    (e) => e.id !== row.id && tx.get('talk', e.talkId)?.callerId === talk.callerId,
  );

function comeIn(tx: Tx, { row, talk }: Locked, staffId: string): string {
  if (row.kind === 'consult') return openSide(tx, talk, staffId);
  const reads = sharedNow(tx, row.id) === 'conversation' ? 'all' : 'fromNow';
  addParty(tx, talk, { partyId: staffId, role: 'clinician', reads });
  return talk.id;
}

/** The peer is gone and the caller is back in the line: whoever was called for them takes the talk themselves. */
function takeFromLine(tx: Tx, { row, talk }: Locked, staffId: string): Locked {
  if (row.kind === 'consult') throw new Refused('conversation.ended');
  const inLine = tx.get('request', talk.requestId);
  if (inLine?.state !== 'waiting' && inLine?.state !== 'offered') throw new Refused('conversation.ended');
  tx.put('request', { ...inLine, state: 'matched' });
  rescind(tx, (o) => o.requestId === inLine.id);
  const talkId = openTalk(tx, inLine, { id: staffId, role: 'clinician', cost: 1 });
  const now = { ...row, talkId };
  tx.put('escalation', now);
  tx.note(`took ${inLine.id} by ${row.id}`);
  return { row: now, talk: lockTalk(tx, talkId) };
}
