import { randomUUID } from 'node:crypto';
import type { Channel } from '@hearthline/shared/contracts/ids';
import { isCall } from '@hearthline/shared/domain/channel.machine';
import type { Deps } from '../../deps.ts';
import { createEpochKey } from '../../keys/epochKeys.ts';
import { followCaller } from '../escalations/withTalk.ts';
import { Refused, type Tx } from '../command.ts';
import { openPhoneRoom, openRoom } from '../media/rooms.ts';

type Of = {
  lineId: string;
  requestId: string;
  callerId: string;
  /** Who takes it, and as what. */
  holder: { id: string; role: 'peer' | 'clinician'; cost: number };
  channel: Channel;
  absentSince: Date | null;
  /** The caller was in a talk before: whoever is called for them follows (ES16). */
  returned: boolean;
};

/**
 * [OF3] The conversation of a request that is matched in this transaction, with its first epoch and its key, and the room of a
 * call. @throws Refused request.gone when a telephone has hung up
 */
export async function openTalk(tx: Tx, deps: Deps, of: Of): Promise<string> {
  const { lineId, requestId, callerId, holder, channel, absentSince } = of;
  const id = randomUUID();
  await tx.query(
    `insert into conversation (id, line_id, request_id, caller_id, peer_id, channel, state, cost, started_at, caller_lost_at)
     values ($1, $2, $3, $4, $5, $6, 'live', $7, $8, $9)`,
    [id, lineId, requestId, callerId, holder.id, channel, holder.cost, tx.now, absentSince],
  );
  await tx.query(`insert into participant (conversation_id, party_id, role) values ($1, $2, 'caller'), ($1, $3, $4)`, [
    id,
    callerId,
    holder.id,
    holder.role,
  ]);
  await createEpochKey(tx, deps.ring, { conversationId: id, epoch: 1, lineId, now: tx.now });
  if (channel === 'phone') {
    if (!(await openPhoneRoom(tx, id, callerId))) throw new Refused('request.gone');
  } else if (isCall(channel) && deps.media.kind !== 'off') await openRoom(tx, id, true);
  if (absentSince) {
    tx.undue('request.lapse', requestId);
    tx.due('conversation.stale', id, new Date(absentSince.getTime() + deps.config.holdMs));
  }
  if (of.returned) await followCaller(tx, { callerId, conversationId: id });
  return id;
}
