import type { Deps } from '@hearthline/server/deps';
import { verifyAudit } from '@hearthline/server/due/sealAudit';
import { queueKey } from '@hearthline/server/storage/redis/keys';
import type { Handed } from './gateway.ts';
import { ladder } from './onCall.ts';

/** The rows as they are when everything has come to rest. Times in milliseconds of the database's clock. */
export type Facts = Awaited<ReturnType<typeof readFacts>>;
type Time = number | null;

export async function readFacts(deps: Deps, lineId: string, handed: readonly Handed[] = []) {
  const all = async <T>(text: string) => (await deps.sql.query<T>(text, [])).rows;
  const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8 as ${column}`;
  return {
    readAt: Date.now(),
    ladder: ladder as Pick<typeof ladder, 'steps' | 'joinSeconds' | 'askSeconds'>,
    /** What the provider of pages was handed. */
    handed,
    participants: await all<{
      conversation_id: string;
      party_id: string;
      role: string;
      after_seq: number;
      until_seq: number | null;
      left_at: Time;
    }>(`select conversation_id, party_id, role, after_seq, until_seq, ${ms('left_at')} from participant`),
    escalations: await all<{ id: string; conversation_id: string; state: string; owner_id: string | null }>(
      'select id, conversation_id, state, owner_id from escalation',
    ),
    pages: await all<{ id: string; escalation_id: string | null; kind: string; step: number; state: string }>(
      'select id, escalation_id, kind, step, state from page',
    ),
    requests: await all<{
      id: string;
      caller_id: string;
      state: string;
      class: number;
      first_joined_at: number;
      absent_since: Time;
      ended_at: Time;
      answered_at: Time;
    }>(
      `select id, caller_id, state, class, ${ms('first_joined_at')}, ${ms('absent_since')}, ${ms('ended_at')}, ${ms('answered_at')} from request`,
    ),
    offers: await all<{
      id: string;
      request_id: string;
      peer_id: string;
      state: string;
      cost: number;
      made_at: number;
      expires_at: number;
      resolved_at: Time;
    }>(
      `select id, request_id, peer_id, state, cost, ${ms('made_at')}, ${ms('expires_at')}, ${ms('resolved_at')} from offer`,
    ),
    talks: await all<{
      id: string;
      request_id: string;
      caller_id: string;
      peer_id: string;
      state: string;
      cost: number;
      last_seq: number;
      started_at: number;
      ended_at: Time;
    }>(
      `select id, request_id, caller_id, peer_id, state, cost, last_seq, ${ms('started_at')}, ${ms('ended_at')} from conversation`,
    ),
    wrapUps: await all<{ conversation_id: string; peer_id: string; state: string }>(
      'select conversation_id, peer_id, state from wrap_up',
    ),
    messages: await all<{ conversation_id: string; seq: number; sender_id: string; client_id: string }>(
      'select conversation_id, seq, sender_id, client_id from message order by conversation_id, seq',
    ),
    peers: await all<{ staff_id: string; state: string; load: number; chat_limit: number; away_since: Time }>(
      `select staff_id, state, load, chat_limit, ${ms('away_since')} from peer_state`,
    ),
    exclusions: await all<{ request_id: string; peer_id: string }>('select request_id, peer_id from request_exclusion'),
    audits: await all<{
      id: number;
      action: string;
      actor_kind: string;
      record_id: string | null;
      at: number;
      detail: Record<string, string | number | boolean>;
      sealed: boolean;
    }>(
      `select id, action, actor_kind, record_id, ${ms('at')}, detail,
         exists (select 1 from audit_seal s where audit.id = any (s.audit_ids)) as sealed from audit order by id`,
    ),
    /** What the verifier of the audit chain says; null: whole. */
    chain: await verifyAudit(deps.sql),
    /** Ids in line as Redis tells them, and as the rows do. */
    queue: await deps.redis.zrange(queueKey(lineId), '0', '-1').catch(() => ['unknown']),
    line: (
      await all<{ id: string }>(
        `select id from request where state in ('waiting', 'offered') order by class, first_joined_at, id`,
      )
    ).map((r) => r.id),
    events: await all<{
      id: number;
      type: string;
      request: string | null;
      offer: string | null;
      talk: string | null;
      peer: string | null;
      caller: string | null;
    }>(
      `select id, event ->> 'type' as type, event ->> 'requestId' as request, event ->> 'offerId' as offer, event ->> 'conversationId' as talk, event ->> 'peerId' as peer, event ->> 'callerId' as caller from outbox order by id`,
    ),
  };
}
