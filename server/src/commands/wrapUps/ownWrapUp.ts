import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import type { Sql } from '../../storage/postgres/pool.ts';
import { allow, Refused } from '../command.ts';

export type OwnWrapUp = { id: string; lineId: string; due: boolean; cost: number; kept: boolean };

/** The wrap-up of a conversation, locked for as long as the transaction lasts. `kept`: its text is not purged. @throws Refused unless it is this peer's */
export async function ownWrapUp(
  sql: Sql & { now: Date },
  actor: StaffActor,
  conversationId: string,
): Promise<OwnWrapUp> {
  const { rows } = await sql.query<OwnWrapUp & { peerId: string }>(
    `select w.id, w.line_id as "lineId", w.peer_id as "peerId", w.state = 'due' as due, coalesce(p.cost, c.cost) as cost, c.state = 'live' or c.purge_due_at > $2 as kept
     from wrap_up w join conversation c on c.id = w.conversation_id
     join participant p on p.conversation_id = c.id and p.party_id = w.peer_id
     where w.conversation_id = $1 and w.peer_id = $3 for update of w`,
    [conversationId, sql.now, actor.id],
  );
  const wrapUp = rows[0];
  if (!wrapUp) throw new Refused('wrapUp.gone');
  allow(can(actor, 'wrapUp.submit', { peerId: wrapUp.peerId }), 'wrapUp.gone');
  return wrapUp;
}
