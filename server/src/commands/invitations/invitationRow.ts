import type { InvitationPurpose, InvitationState, SharedBefore } from '@hearthline/shared/contracts/invitation';
import { isOver, type Ground, type Invitation } from '@hearthline/shared/domain/invitation.machine';
import { costOf } from '@hearthline/shared/domain/peer.machine';
import { takenAs } from '@hearthline/shared/domain/routing/pickMatches';
import type { Deps } from '../../deps.ts';
import { coordinatorsFor, isHere } from '../../onCall/coordinatorsFor.ts';
import { Refused, type Tx } from '../command.ts';
import { lockConversation, type LiveConversation } from '../conversations/lockConversation.ts';

export type InvitationRow = {
  id: string;
  line_id: string;
  conversation_id: string;
  purpose: InvitationPurpose;
  asked_by: string;
  whom: string | null;
  state: InvitationState;
  share: SharedBefore | null;
  rings_id: string | null;
  cost: number;
  tried: string[];
  next_due_at: Date | null;
};
const columns =
  'id, line_id, conversation_id, purpose, asked_by, whom, state, share, rings_id, cost, tried, next_due_at';
export type Locked = { row: InvitationRow; talk: LiveConversation };

export function machineOf({ state, rings_id: ringsId, next_due_at: dueAt }: InvitationRow): Invitation {
  if (state === 'asking' && dueAt) return { state, dueAt };
  if (state === 'ringing' && dueAt && ringsId) return { state, dueAt, ringsId };
  if (state === 'joined' && ringsId) return { state, joinedId: ringsId };
  if (state === 'asking' || state === 'ringing' || state === 'joined')
    throw new Error(`an invitation that is ${state} lacks what that needs`);
  return { state };
}

/** Request and conversation first: the one order of locks. @throws Refused invitation.gone */
export async function lockInvitation(tx: Tx, id: string): Promise<Locked> {
  const found = await tx.query<{ conversation_id: string }>('select conversation_id from invitation where id = $1', [
    id,
  ]);
  if (!found.rows[0]) throw new Refused('invitation.gone');
  const talk = await lockConversation(tx, found.rows[0].conversation_id);
  const { rows } = await tx.query<InvitationRow>(`select ${columns} from invitation where id = $1 for update`, [id]);
  if (!rows[0]) throw new Refused('invitation.gone');
  return { row: rows[0], talk };
}

/** The one of a conversation that is not over. */
export async function openInvitation(tx: Tx, conversationId: string): Promise<InvitationRow | null> {
  const { rows } = await tx.query<InvitationRow>(
    `select ${columns} from invitation where conversation_id = $1 and state in ('asking', 'ringing') for update`,
    [conversationId],
  );
  return rows[0] ?? null;
}

/** How long a caller is asked where the line does not say. */
const askSeconds = 300;
/** chat_limit: null for whom a talk takes no room. */
type Candidate = { id: string; chat_limit: number | null };

/** [IN7] Help is asked of a coordinator of this line who has a page open; where nobody can say who has, of any. */
async function helper(deps: Deps, tx: Tx, row: InvitationRow, talk: LiveConversation): Promise<Candidate | null> {
  for (const { id } of await coordinatorsFor(tx, { ...row, talkId: talk.id }))
    if (!row.tried.includes(id) && (row.whom ?? id) === id && (await isHere(deps, id))) return { id, chat_limit: null };
  return null;
}

/** [IN3] Who is asked next: as for an offer, whoever has most room and talked longest ago; nobody twice. Locked. */
async function peer(tx: Tx, row: InvitationRow, talk: LiveConversation): Promise<Candidate | null> {
  const { rows } = await tx.query<Candidate>(
    `select s.staff_id as id, s.chat_limit from peer_state s join staff t on t.id = s.staff_id
     where s.line_id = $1 and ($2::uuid is null or s.staff_id = $2) and not s.staff_id = any($3::uuid[])
       and s.state = 'available' and s.away_since is null and t.suspended_at is null and (s.rest_until is null or s.rest_until <= $4)
       and s.load + case when $5 = 'chat' then 100 / s.chat_limit else 100 end <= 100 and $6 = any(s.channels)
       and not exists (select 1 from offer o where o.peer_id = s.staff_id and o.state = 'pending')
       and not exists (select 1 from invitation i where i.rings_id = s.staff_id and i.state = 'ringing')
       and not exists (select 1 from participant p where p.conversation_id = $7 and p.party_id = s.staff_id and p.left_at is null)
       and not exists (select 1 from wrap_up w where w.conversation_id = $7 and w.peer_id = s.staff_id and w.state = 'due')
       and not exists (select 1 from request_exclusion x where x.request_id = $8 and x.peer_id = s.staff_id and x.why = 'recused')
     order by s.load, s.last_live_at nulls first, s.staff_id limit 1 for update of s`,
    [row.line_id, row.whom, row.tried, tx.now, talk.channel, takenAs(talk.channel), talk.id, talk.request_id],
  );
  return rows[0] ?? null;
}

export async function groundOf(deps: Deps, tx: Tx, { row, talk }: Locked): Promise<Ground & { who: Candidate | null }> {
  const line = deps.lines.byId(row.line_id)?.config;
  const who = row.purpose === 'help' ? await helper(deps, tx, row, talk) : await peer(tx, row, talk);
  return {
    now: tx.now,
    askSeconds: deps.lines.byId(talk.line_id)?.config.escalation?.askSeconds ?? askSeconds,
    ringSeconds: line?.offerSeconds ?? 30,
    next: who?.id ?? null,
    who,
  };
}

/**
 * Writes what the machine decided, with its timer; the room of who is asked is held for as long as they are, and given back.
 * @param ground null: nobody else is asked
 */
export async function move(
  tx: Tx,
  { row, talk }: Locked,
  next: Invitation,
  ground: { who: Candidate | null } | null,
): Promise<void> {
  const before = row.state === 'ringing' ? row.rings_id : null;
  if (before && row.cost > 0 && next.state !== 'joined')
    await tx.query('update peer_state set load = load - $2, rev = rev + 1 where staff_id = $1', [before, row.cost]);
  const rung = next.state === 'ringing' && ground?.who?.id === next.ringsId ? ground.who : null;
  const cost = rung?.chat_limit ? costOf(talk.channel, rung.chat_limit) : 0;
  if (rung && cost > 0)
    await tx.query('update peer_state set load = load + $2, rev = rev + 1 where staff_id = $1', [rung.id, cost]);
  const dueAt = 'dueAt' in next ? next.dueAt : null;
  await tx.query(
    `update invitation set state = $2, rings_id = coalesce($3, rings_id), rings_since = case when $3::uuid is null then rings_since else $6 end,
       cost = case when $2 = 'joined' then cost else $4 end, tried = case when $3::uuid is null then tried else tried || $3::uuid end,
       next_due_at = $5, ended_at = case when $7 then $6::timestamptz end
     where id = $1`,
    [row.id, next.state, rung?.id ?? null, cost, dueAt, tx.now, isOver(next)],
  );
  if (dueAt) tx.due('invitation.goOn', row.id, dueAt);
  else tx.undue('invitation.goOn', row.id);
  tx.audit(`invitation.${next.state}`, talk.line_id, row.id, rung ? { peerId: rung.id } : {});
  for (const lineId of new Set([talk.line_id, row.line_id]))
    tx.emit({
      type: 'invitation.changed',
      lineId,
      conversationId: talk.id,
      callerId: talk.caller_id,
      peerId: talk.peer_id,
      staffIds: [row.asked_by, ...[before, rung?.id].filter((id) => id !== null && id !== undefined)],
    });
}
