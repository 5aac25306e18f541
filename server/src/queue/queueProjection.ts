import { setTimeout } from 'node:timers/promises';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Lines } from '../storage/postgres/lines.store.ts';
import type { Sql } from '../storage/postgres/pool.ts';
import { createQueueStore, scoreOf, type QueueEntry } from '../storage/redis/queue.store.ts';

/** Events after which a request may have come into the line, left it, or moved in it. */
const moves: ReadonlySet<DomainEvent['type']> = new Set([
  'request.opened',
  'request.left',
  'request.lapsed',
  'offer.accepted',
  'conversation.returned',
]);

/** Changes are collected for so long: places are told once a second anyhow. */
const collectMs = 20;

type Parts = { sql: Sql; redis: Redis; clock: { now(): Date }; lines: Lines; log: Logger };
type Row = { id: string; line_id: string; state: string; class: number; first_joined_at: Date; rev: number };
const columns = 'id, line_id, state, class, first_joined_at, rev';

const entryOf = (r: Row): QueueEntry => ({
  id: r.id,
  rev: r.rev,
  score: r.state === 'waiting' || r.state === 'offered' ? scoreOf(r.class, r.first_joined_at) : null,
});

/**
 * Keeps each line's order in Redis equal to the rows. Whoever committed a change writes it, by level: the row as it is
 * when it is read, with its revision. What is lost on the way, the reconciler finds (I23). Who waits where is asked of
 * `order`, which falls back to the rows.
 */
export function createQueueProjection({ sql, redis, clock, lines, log }: Parts) {
  const store = createQueueStore(redis);
  const dirty = new Set<string>();
  let writing: Promise<void> | null = null;

  async function write(): Promise<void> {
    while (dirty.size > 0) {
      await setTimeout(collectMs);
      const ids = [...dirty];
      dirty.clear();
      const { rows } = await sql.query<Row>(`select ${columns} from request where id = any($1::uuid[])`, [ids]);
      for (const [lineId, entries] of byLine(rows)) await store.project(lineId, entries, clock.now());
    }
  }

  async function reconcile(lineId: string): Promise<number> {
    const known = await store.all(lineId);
    const { rows } = await sql.query<Row>(
      `select ${columns} from request where line_id = $1 and state in ('waiting', 'offered')`,
      [lineId],
    );
    const inLine = new Set(rows.map((r) => r.id));
    const strays = [...known.keys()].filter((id) => !inLine.has(id));
    const left = await sql.query<Row>(`select ${columns} from request where id = any($1::uuid[])`, [strays]);
    const found = new Set(left.rows.map((r) => r.id));
    const wrong = [
      ...rows.map(entryOf).filter((e) => known.get(e.id) !== e.score),
      ...left.rows.map(entryOf),
      ...strays.filter((id) => !found.has(id)).map((id) => ({ id, rev: Number.MAX_SAFE_INTEGER, score: null })), // purged
    ];
    const repaired = await store.project(lineId, wrong, clock.now());
    await store.markWhole(lineId, clock.now());
    return repaired;
  }

  return {
    /** Told what this process committed or relayed. */
    told(events: readonly DomainEvent[]): void {
      if (redis.status !== 'ready') return; // compared when it is back
      for (const e of events) if (e.requestId && moves.has(e.type)) dirty.add(e.requestId);
      if (dirty.size === 0 || writing) return;
      writing = write()
        .catch((e: Error) => log.warn({ err: e.message }, 'the queue was not written; the reconciler makes up for it'))
        .finally(() => (writing = null));
    },
    /** Compares every line with its rows. @returns how many entries were wrong. */
    async reconcileAll(): Promise<number> {
      if (redis.status !== 'ready') return 0;
      let repaired = 0;
      for (const line of lines.all()) repaired += await reconcile(line.id);
      return repaired;
    },
    /** Ids of all in line, first one first: from Redis, or from the rows while Redis cannot be believed. */
    async order(lineId: string): Promise<string[]> {
      const ids = redis.status === 'ready' ? await store.order(lineId).catch(() => null) : null;
      if (ids) return ids;
      const { rows } = await sql.query<{ id: string }>(
        `select id from request where line_id = $1 and state in ('waiting', 'offered') order by class, first_joined_at, id`,
        [lineId],
      );
      return rows.map((r) => r.id);
    },
    async settled(): Promise<void> {
      await writing;
    },
  };
}
export type QueueProjection = ReturnType<typeof createQueueProjection>;

function byLine(rows: readonly Row[]): Map<string, QueueEntry[]> {
  const lines = new Map<string, QueueEntry[]>();
  for (const r of rows) {
    const entries = lines.get(r.line_id);
    if (entries) entries.push(entryOf(r));
    else lines.set(r.line_id, [entryOf(r)]);
  }
  return lines;
}
