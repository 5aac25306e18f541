import { takenAs } from '@hearthline/shared/domain/routing/pickMatches';
import type { Tx } from '../act.ts';
import type { RowOf } from '../store/rows.ts';
import { silentHoldMs } from '../holds.ts';
import { followCaller } from './withTalk.ts';

/** Who takes it, and as what. */
type Holder = { id: string; role: 'peer' | 'clinician'; cost: number };

/** [OF3] The talk of a request that is matched in this transaction. [ES16] Whoever is called for its caller follows. */
export function openTalk(tx: Tx, request: RowOf<'request'>, holder: Holder): string {
  const id = tx.newId('talk');
  const { callerId, absentSince, lineId } = request;
  tx.put('talk', {
    id,
    lineId,
    requestId: request.id,
    callerId,
    sideOf: null,
    peerId: holder.id,
    state: 'live',
    channel: takenAs(request.channel),
    proposal: null,
    cost: holder.cost,
    epoch: 1,
    lastSeq: 0,
    callerLostAt: absentSince,
    peerLostAt: null,
    endedAt: null,
    purgeDueAt: null,
  });
  enter(tx, id, callerId, 'caller');
  enter(tx, id, holder.id, holder.role);
  if (absentSince !== null) {
    tx.undue('request.lapse', request.id);
    tx.due('conversation.stale', id, absentSince + silentHoldMs);
  }
  if (request.class === 0) followCaller(tx, callerId, id);
  return id;
}

/** From the start of a talk: all of it is theirs to read. */
export const enter = (tx: Tx, talkId: string, partyId: string, role: 'caller' | 'peer' | 'clinician'): void =>
  tx.put('participant', {
    id: `${talkId}/${partyId}`,
    talkId,
    partyId,
    role,
    cost: null,
    fromEpoch: 1,
    afterSeq: 0,
    untilEpoch: null,
    untilSeq: null,
    joinedAt: null,
    leftAt: null,
    lostAt: null,
  });
