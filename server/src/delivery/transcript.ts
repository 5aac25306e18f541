import type { FetchMessages, MarkUpTo, Message, MessagePage } from '@hearthline/shared/contracts/message';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type * as z from 'zod/mini';
import type { Deps } from '../deps.ts';
import { readEpochKeys } from '../keys/epochKeys.ts';
import type { Actor } from '../policies/actor.ts';
import { can } from '../policies/can.ts';

const pageSize = 200;
/** Far below what is held back for a slow reader (guard.ts): nobody may be cut off by what the other one wrote. */
const pageBytes = 64 * 1024;
type Talk = {
  caller_id: string;
  peer_id: string;
  line_id: string;
  state: string;
  last_seq: number;
  kept: boolean;
  wrap_up: boolean;
  from_epoch: number;
};

/**
 * A caller may read their own conversations while they are kept; a peer while it is live or the wrap-up is due.
 * Whoever may not, and whoever comes after the purge, sees the same as where there is none (I17).
 */
async function readable(deps: Deps, actor: Actor, conversationId: string): Promise<Talk | null> {
  const { rows } = await deps.sql.query<Talk>(
    `select c.caller_id, c.peer_id, c.line_id, c.state, c.last_seq, p.from_epoch, c.state = 'live' or c.purge_due_at > $3 as kept,
            exists (select 1 from wrap_up w where w.conversation_id = c.id and w.state = 'due') as wrap_up
     from conversation c join participant p on p.conversation_id = c.id and p.party_id = $2 where c.id = $1`,
    [conversationId, actor.id, deps.clock.now()],
  );
  const talk = rows[0];
  if (!talk?.kept || !can(actor, 'conversation.read', { callerId: talk.caller_id, peerId: talk.peer_id })) return null;
  return talk.state === 'live' || actor.kind === 'caller' || talk.wrap_up ? talk : null;
}

/** [DE1] Everything after `after`, in order, at most 200 and about 64 kB at once; out-of-range numbers are clamped (B20). */
export async function fetchMessages(
  deps: Deps,
  actor: Actor,
  input: z.infer<typeof FetchMessages>,
): Promise<Result<MessagePage>> {
  const talk = await readable(deps, actor, input.conversationId);
  if (!talk) return refuse('conversation.gone');
  const after = Math.max(0, Math.min(input.after, talk.last_seq));
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
       from message where conversation_id = $1 and seq > $2 and epoch >= $4 order by seq limit $3
     ) page where bytes_before < $5 order by seq`,
    [input.conversationId, after, limit, talk.from_epoch, pageBytes],
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
  const keys = (await readEpochKeys(deps.sql, deps.ring, conversationId)).filter((k) => k.epoch >= talk.from_epoch);
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
