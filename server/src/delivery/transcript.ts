import type { FetchMessages, MarkUpTo, Message, MessagePage } from '@hearthline/shared/contracts/message';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type { StaffRole } from '@hearthline/shared/domain/control.machine';
import type * as z from 'zod/mini';
import type { Deps } from '../deps.ts';
import { readEpochKeys } from '../keys/epochKeys.ts';
import type { Actor } from '../policies/actor.ts';
import { can } from '../policies/can.ts';

const pageSize = 200;
/** Far below what is held back for a slow reader (guard.ts): nobody may be cut off by what the other one wrote. */
const pageBytes = 64 * 1024;
/** What of a conversation is there for one person: after which number and from which epoch on, up to where. */
type Readable = {
  caller_id: string | null;
  holder_id: string;
  line_id: string;
  role: 'caller' | StaffRole;
  kept: boolean;
  /** They are in it now, or something of it is still to be written up by them. */
  theirs: boolean;
  after_seq: number;
  last_seq: number;
  from_epoch: number;
  until_epoch: number;
};

/**
 * [PA3] A caller may read their own conversations while they are kept; whoever is in it on staff from where they were let in;
 * [PA4] who has left what was there until then, while their wrap-up is due, or a clinician's notes of the talk that was ended with
 * them. Whoever may not, and whoever comes after the purge, sees the same as where there is none (I17).
 */
async function readable(deps: Deps, actor: Actor, conversationId: string): Promise<Readable | null> {
  const { rows } = await deps.sql.query<Readable>(
    `select c.caller_id, c.peer_id as holder_id, c.line_id, p.role, c.state = 'live' or c.purge_due_at > $3 as kept,
            p.from_epoch, coalesce(p.until_epoch, c.epoch) as until_epoch, p.after_seq, coalesce(p.until_seq, c.last_seq) as last_seq,
            p.left_at is null
              or exists (select 1 from wrap_up w where w.conversation_id = c.id and w.state = 'due' and w.peer_id = p.party_id)
              or p.left_at = c.ended_at and exists (
                select 1 from escalation e where e.conversation_id = c.id and e.owner_id = p.party_id and e.state in ('joined', 'left')) as theirs
     from conversation c join participant p on p.conversation_id = c.id and p.party_id = $2 where c.id = $1`,
    [conversationId, actor.id, deps.clock.now()],
  );
  const talk = rows[0];
  if (!talk?.kept) return null;
  const { caller_id: callerId, holder_id: holderId, role } = talk;
  const staff = role !== 'caller' && talk.theirs ? [{ id: actor.id, role }] : [];
  return can(actor, 'conversation.read', { callerId, holderId, staff }) ? talk : null;
}

/** [DE1] Everything after `after`, in order, at most 200 and about 64 kB at once; out-of-range numbers are clamped (B20). */
export async function fetchMessages(
  deps: Deps,
  actor: Actor,
  input: z.infer<typeof FetchMessages>,
): Promise<Result<MessagePage>> {
  const talk = await readable(deps, actor, input.conversationId);
  if (!talk) return refuse('conversation.gone');
  const after = Math.max(talk.after_seq, Math.min(input.after, talk.last_seq));
  const limit = Math.max(1, Math.min(input.limit ?? pageSize, pageSize));
  const { rows } = await deps.sql.query<{
    seq: number;
    sender_id: string;
    client_id: string;
    epoch: number;
    iv: Buffer;
    ciphertext: Buffer;
    sent_at: Date;
  }>(
    `select seq, sender_id, client_id, epoch, iv, ciphertext, sent_at from (
       select *, sum(octet_length(ciphertext)) over (order by seq) - octet_length(ciphertext) as bytes_before
       from message where conversation_id = $1 and seq > $2 and seq <= $6 and epoch between $4 and $7 order by seq limit $3
     ) page where bytes_before < $5 order by seq`,
    [input.conversationId, after, limit, talk.from_epoch, pageBytes, talk.last_seq, talk.until_epoch],
  );
  const messages = rows.map((r): Message => ({
    conversationId: input.conversationId,
    seq: r.seq,
    senderId: r.sender_id,
    clientId: r.client_id,
    epoch: r.epoch,
    iv: r.iv.toString('base64'),
    ciphertext: r.ciphertext.toString('base64'),
    sentAt: r.sent_at.toISOString(),
  }));
  return ok({ messages, lastSeq: talk.last_seq });
}

/** [DE2] Marks are cumulative and never go back nor past the last message. */
export async function markUpTo(
  deps: Deps,
  actor: Actor,
  input: MarkUpTo,
): Promise<Result<{ delivered: number; read: number }>> {
  const { rows } = await deps.sql.query<{ delivered_seq: number; read_seq: number }>(
    `update participant p set
       delivered_seq = greatest(p.delivered_seq, least($3::bigint, c.last_seq)), read_seq = greatest(p.read_seq, least($4::bigint, c.last_seq))
     from conversation c where c.id = p.conversation_id and c.state = 'live' and p.conversation_id = $1 and p.party_id = $2 and p.left_at is null
     returning p.delivered_seq, p.read_seq`,
    [input.conversationId, actor.id, input.delivered, input.read],
  );
  const row = rows[0];
  return row ? ok({ delivered: row.delivered_seq, read: row.read_seq }) : refuse('conversation.gone');
}

/** [KY1] The one act of reading a conversation: authorised here, audited here, each time. */
export async function handOutKeys(
  deps: Deps,
  actor: Actor,
  conversationId: string,
): Promise<Result<{ keys: { epoch: number; key: string }[] }>> {
  const talk = await readable(deps, actor, conversationId);
  if (!talk) return refuse('conversation.gone');
  const which = { fromEpoch: talk.from_epoch, untilEpoch: talk.until_epoch };
  const keys = await readEpochKeys(deps.sql, deps.ring, conversationId, which);
  await deps.sql.query(
    `insert into audit (at, actor_kind, actor_id, action, line_id, record_id, detail) values ($1, $2, $3, 'key.handedOut', $4, $5, $6)`,
    [
      deps.clock.now(),
      actor.kind,
      actor.id,
      talk.line_id,
      conversationId,
      JSON.stringify({ epochs: keys.map((k) => k.epoch) }),
    ],
  );
  return ok({ keys });
}

/** Somebody asks for more keys than a shift needs (S36): said loudly once a window, and written down. */
export async function alarmOfKeys(deps: Deps, actor: Actor): Promise<void> {
  deps.log.error({ staffId: actor.id }, 'alarm: a staff member asks for the keys of unusually many conversations');
  await deps.sql.query(`insert into audit (at, actor_kind, actor_id, action) values ($1, $2, $3, 'key.capReached')`, [
    deps.clock.now(),
    actor.kind,
    actor.id,
  ]);
}
