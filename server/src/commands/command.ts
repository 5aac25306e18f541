import { createHash } from 'node:crypto';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { DueKind } from '@hearthline/shared/contracts/jobs';
import { ok, refuse, type RefusalCode, type Result } from '@hearthline/shared/contracts/refusals';
import type pg from 'pg';
import { crashPoint } from '../crashPoints.ts';
import type { Deps } from '../deps.ts';
import type { Actor } from '../policies/actor.ts';
import { preparedOf, type Sql } from '../storage/postgres/pool.ts';

/** Ends a transaction without a trace; becomes a value at the door. The one exception that is not a bug. */
export class Refused extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode) {
    super(code);
    this.code = code;
  }
}
export function orRefuse<T>(result: Result<T>): T {
  if (!result.ok) throw new Refused(result.code);
  return result.value;
}
export function allow(may: boolean, code: RefusalCode = 'access.denied'): asserts may {
  if (!may) throw new Refused(code);
}

export type Tx = Sql & {
  now: Date;
  /** Written to the outbox in this transaction, told after its commit. */
  emit(event: DomainEvent): void;
  audit(
    action: string,
    lineId: string | null,
    recordId: string | null,
    detail?: Record<string, string | number | boolean>,
  ): void;
  /** Sets a timer: its row now, and after the commit somebody is told to look then. */
  due(kind: DueKind, subjectId: string, at: Date): void;
  undue(kind: DueKind, subjectId: string): void;
};

export type Act = { name: string; actor: Actor; commandId?: string; input?: unknown };

const retryable = new Set(['40001', '40P01']);
/** A table changed under a prepared statement: a newer version is being started beside this one. */
const outdatedPlan = '0A000';

/**
 * One act, one transaction: idempotency, outbox, audit and timers are written with it, and what it did is told after the
 * commit. A repeated `commandId` has the first answer and no second effect (I21); with other input it is a conflict.
 * Answers are kept for repeats, so they never hold what a person wrote.
 */
export async function act<T>(
  deps: Deps,
  { name, actor, commandId, input }: Act,
  run: (tx: Tx) => Promise<T>,
): Promise<Result<T>> {
  for (let attempt = 1; ; attempt++) {
    const client = await deps.acts.connect();
    let stale = false;
    try {
      const done = await once(client);
      if (done.ok) {
        deps.hub.tell(done.value.events);
        deps.outboxTold(done.value.outboxIds);
        for (const at of done.value.dues) deps.promptAt(at);
        return ok(done.value.answer);
      }
      return done;
    } catch (error) {
      const code = (error as pg.DatabaseError).code ?? '';
      stale = code === outdatedPlan;
      if (attempt < 4 && (stale || retryable.has(code))) continue;
      throw error;
    } finally {
      client.release(stale);
    }
  }

  async function once(client: pg.PoolClient): Promise<
    Result<{
      answer: T;
      events: DomainEvent[];
      outboxIds: number[];
      dues: Date[];
    }>
  > {
    const sql = preparedOf(client);
    const now = deps.clock.now();
    const events: DomainEvent[] = [];
    const audits: { action: string; lineId: string | null; recordId: string | null; detail: string }[] = [];
    const dues: { kind: DueKind; subjectId: string; at: Date }[] = [];
    const undues: { kind: DueKind; subjectId: string }[] = [];
    await client.query('begin');
    try {
      if (commandId) {
        const hash = createHash('sha256')
          .update(JSON.stringify([name, input]))
          .digest();
        const fresh = await sql.query(
          `insert into command_log (actor_id, command_id, name, input_hash, at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
          [actor.id, commandId, name, hash, now],
        );
        if (fresh.rowCount === 0) {
          const earlier = await sql.query<{ input_hash: Buffer; answer: T }>(
            'select input_hash, answer from command_log where actor_id = $1 and command_id = $2',
            [actor.id, commandId],
          );
          await client.query('rollback');
          const row = earlier.rows[0];
          return row && row.input_hash.equals(hash)
            ? ok({ answer: row.answer, events: [], outboxIds: [], dues: [] })
            : refuse('command.conflict');
        }
      }
      const answer = await run({
        ...sql,
        now,
        emit: (e) => void events.push(e),
        audit: (action, lineId, recordId, detail = {}) =>
          void audits.push({ action, lineId, recordId, detail: JSON.stringify(detail) }),
        due: (kind, subjectId, at) => void dues.push({ kind, subjectId, at }),
        undue: (kind, subjectId) => void undues.push({ kind, subjectId }),
      });
      const outboxIds = await writeAfter(sql, now, actor, events, audits, dues, undues);
      if (commandId) {
        await sql.query('update command_log set answer = $3 where actor_id = $1 and command_id = $2', [
          actor.id,
          commandId,
          JSON.stringify(answer ?? null),
        ]);
      }
      crashPoint(`${name}.beforeCommit`);
      await client.query('commit');
      crashPoint(`${name}.afterCommit`);
      return ok({ answer, events, outboxIds, dues: dues.map((d) => d.at) });
    } catch (error) {
      await client.query('rollback').catch(() => {});
      if (error instanceof Refused) return refuse(error.code);
      throw error;
    }
  }
}

async function writeAfter(
  sql: Sql,
  now: Date,
  actor: Actor,
  events: DomainEvent[],
  audits: { action: string; lineId: string | null; recordId: string | null; detail: string }[],
  dues: { kind: DueKind; subjectId: string; at: Date }[],
  undues: { kind: DueKind; subjectId: string }[],
): Promise<number[]> {
  if (undues.length > 0) {
    await sql.query(
      'delete from due using unnest($1::text[], $2::uuid[]) as d(kind, subject) where due.kind = d.kind and due.subject_id = d.subject',
      [undues.map((d) => d.kind), undues.map((d) => d.subjectId)],
    );
  }
  if (dues.length > 0) {
    await sql.query(
      `insert into due (kind, subject_id, due_at) select * from unnest($1::text[], $2::uuid[], $3::timestamptz[])
       on conflict (kind, subject_id) do update set due_at = excluded.due_at, tries = 0`,
      [dues.map((d) => d.kind), dues.map((d) => d.subjectId), dues.map((d) => d.at)],
    );
  }
  if (audits.length > 0) {
    await sql.query(
      `insert into audit (at, actor_kind, actor_id, action, line_id, record_id, detail)
       select $1, $2, $3, a.action, a.line_id, a.record_id, a.detail::jsonb from unnest($4::text[], $5::uuid[], $6::uuid[], $7::text[]) as a(action, line_id, record_id, detail)`,
      [
        now,
        actor.kind,
        actor.kind === 'system' ? null : actor.id,
        audits.map((a) => a.action),
        audits.map((a) => a.lineId),
        audits.map((a) => a.recordId),
        audits.map((a) => a.detail),
      ],
    );
  }
  if (events.length === 0) return [];
  const written = await sql.query<{ id: number }>(
    'insert into outbox (event, written_at) select e::jsonb, $1 from unnest($2::text[]) as e returning id',
    [now, events.map((e) => JSON.stringify(e))],
  );
  return written.rows.map((r) => r.id);
}
