import { randomUUID } from 'node:crypto';
import { purgeDueAt } from '@hearthline/shared/domain/retention';
import type { StaffRole } from '@hearthline/shared/domain/control.machine';
import type { Deps } from '../../deps.ts';
import { createEpochKey } from '../../keys/epochKeys.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { allow, Refused, type Tx } from '../command.ts';
import { lockConversation, type LiveConversation } from '../conversations/lockConversation.ts';
import { ownerOut } from '../escalations/withTalk.ts';

type Side = { id: string; line_id: string; side_of: string; peer_id: string; state: 'live' | 'ended' };
type Main = { id: string; callerId: string };
const columns = 'id, line_id, side_of, peer_id, state';
/** A conversation has a cost; one beside another is counted in no load. */
const least = 1;

/**
 * [PA6] Peer and clinician alone, in text, beside the conversation that this transaction has locked: the caller is not in it, nobody
 * waits for it, and it costs nothing. There is one at a time. @returns its id
 */
export async function openSide(tx: Tx, deps: Deps, talk: LiveConversation, clinicianId: string): Promise<string> {
  const found = await sideOf(tx, talk.id);
  if (found && (await isIn(tx, found.id, clinicianId))) return found.id;
  const main: Main = { id: talk.id, callerId: talk.caller_id };
  if (found) await endSide(tx, deps, found, main);
  const id = randomUUID();
  await tx.query(
    `insert into conversation (id, line_id, peer_id, channel, state, cost, started_at, side_of) values ($1, $2, $3, 'chat', 'live', $4, $5, $6)`,
    [id, talk.line_id, talk.peer_id, least, tx.now, talk.id],
  );
  await tx.query(
    `insert into participant (conversation_id, party_id, role) values ($1, $2, 'peer'), ($1, $3, 'clinician')`,
    [id, talk.peer_id, clinicianId],
  );
  await createEpochKey(tx, deps.ring, { conversationId: id, epoch: 1, lineId: talk.line_id, now: tx.now });
  tellSide(tx, { id, line_id: talk.line_id }, main, [talk.peer_id, clinicianId]);
  tx.audit('side.opened', talk.line_id, id, { sideOf: talk.id, clinicianId });
  return id;
}

/** [PA6] It ends with what it was opened for: the escalation, or the conversation beside it, which this transaction has locked. */
export async function closeSide(tx: Tx, deps: Deps, talk: LiveConversation): Promise<void> {
  const side = await sideOf(tx, talk.id);
  if (side) await endSide(tx, deps, side, { id: talk.id, callerId: talk.caller_id });
}

/** [PA6] This peer is out of a conversation that goes on. */
export async function closeSideOf(tx: Tx, deps: Deps, talk: LiveConversation, peerId: string): Promise<void> {
  const side = await sideOf(tx, talk.id);
  if (side?.peer_id === peerId) await endAdvice(tx, deps, side, talk, await staffOf(tx, side.id));
}

/** Either of the two ends it; whoever gave the advice is out of it (ES15). @returns false where there is no talk beside another under this id */
export async function endSideOf(tx: Tx, deps: Deps, actor: StaffActor, id: string): Promise<boolean> {
  const found = await tx.query<{ side_of: string }>(
    'select side_of from conversation where id = $1 and side_of is not null',
    [id],
  );
  if (!found.rows[0]) return false;
  const talk = await lockConversation(tx, found.rows[0].side_of);
  const { rows } = await tx.query<Side>(`select ${columns} from conversation where id = $1 for update`, [id]);
  const side = rows[0];
  if (!side) return false;
  const staff = await staffOf(tx, id);
  allow(can(actor, 'conversation.leave', { callerId: null, holderId: side.peer_id, staff }), 'conversation.gone');
  if (side.state !== 'live') throw new Refused('conversation.ended');
  await endAdvice(tx, deps, side, talk, staff);
  return true;
}

/** [ES15] The conversation goes on, and whoever gave the advice is out of it. */
async function endAdvice(tx: Tx, deps: Deps, side: Side, talk: LiveConversation, staff: Staff): Promise<void> {
  await endSide(tx, deps, side, { id: talk.id, callerId: talk.caller_id });
  for (const one of staff) if (one.role === 'clinician') await ownerOut(deps, tx, talk, one.id);
}

type Staff = readonly { id: string; role: StaffRole }[];
async function staffOf(tx: Tx, id: string): Promise<Staff> {
  const { rows } = await tx.query<Staff[number]>(
    `select party_id as id, role from participant where conversation_id = $1`,
    [id],
  );
  return rows;
}

async function sideOf(tx: Tx, mainId: string): Promise<Side | null> {
  const { rows } = await tx.query<Side>(
    `select ${columns} from conversation where side_of = $1 and state = 'live' for update`,
    [mainId],
  );
  return rows[0] ?? null;
}

async function isIn(tx: Tx, id: string, partyId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select 1 from participant where conversation_id = $1 and party_id = $2 and left_at is null',
    [id, partyId],
  );
  return rowCount === 1;
}

async function endSide(tx: Tx, deps: Deps, side: Side, main: Main): Promise<void> {
  const days = deps.lines.byId(side.line_id)?.config.retentionDays ?? 30;
  const ended = await tx.query(
    `update conversation set state = 'ended', ended_at = $2, ended_by = 'system', end_reason = 'adviceOver', purge_due_at = $3
     where id = $1 and state = 'live'`,
    [side.id, tx.now, purgeDueAt(tx.now, days)],
  );
  if (ended.rowCount === 0) throw new Refused('conversation.ended');
  const { rows } = await tx.query<{ party_id: string }>(
    'update participant set left_at = $2 where conversation_id = $1 and left_at is null returning party_id',
    [side.id, tx.now],
  );
  tellSide(
    tx,
    side,
    main,
    rows.map((r) => r.party_id),
  );
  tx.audit('side.ended', side.line_id, side.id, { sideOf: main.id });
}

/** The caller is told too: that the peer gets advice stands on their panel. */
const tellSide = (tx: Tx, side: Pick<Side, 'id' | 'line_id'>, main: Main, staffIds: string[]): void =>
  tx.emit({
    type: 'conversation.parties',
    lineId: side.line_id,
    conversationId: side.id,
    callerId: main.callerId,
    staffIds,
  });
