import type { Deps } from '../deps.ts';
import { every } from './loop.ts';

const beatMs = 1000;
const lateMs = 3000;
/** Whoever is taken for dead too early is missed: a server would hear no messages, a coordinator would be alarmed. */
const aliveMs = 8000;
/** Whose part another takes over: done twice for a moment it harms nobody, done by nobody it keeps people waiting. */
const promptMs = 2500;

/** @param told hears whether the last one could be written: a database that is away, read-only or stuck takes none. */
export function startHeartbeat(
  deps: Deps,
  role: 'server' | 'worker',
  told: (written: boolean) => void = () => {},
): { stop(): Promise<void> } {
  const write = async () => {
    await deps.sql.query(
      `insert into node (id, role, seen_at, has_redis) values ($1, $2, $3, $4) on conflict (id) do update set seen_at = excluded.seen_at, has_redis = excluded.has_redis`,
      [deps.nodeId, role, deps.clock.now(), deps.redis.status === 'ready'],
    );
  };
  const beat = async () => {
    const late = setTimeout(() => told(false), lateMs);
    try {
      await write();
      told(true);
    } catch (e) {
      told(false);
      throw e;
    } finally {
      clearTimeout(late);
    }
  };
  void beat().catch(() => {});
  const loop = every(beatMs, 'heartbeat', deps.log, beat);
  return {
    async stop() {
      await loop.stop();
      await deps.sql.query('delete from node where id = $1', [deps.nodeId]).catch(() => {});
    },
  };
}

export type NodesAlive = { servers: number; workers: number; promptWorkers: number };
/** Nodes that gave a sign lately, and workers that did so just now. */
export async function nodesAlive(deps: Deps): Promise<NodesAlive> {
  const now = deps.clock.now().getTime();
  const { rows } = await deps.sql.query<NodesAlive>(
    `select count(*) filter (where role = 'server')::int as servers, count(*) filter (where role = 'worker')::int as workers,
            count(*) filter (where role = 'worker' and seen_at > $2)::int as "promptWorkers" from node where seen_at > $1`,
    [new Date(now - aliveMs), new Date(now - promptMs)],
  );
  return rows[0] ?? { servers: 0, workers: 0, promptWorkers: 0 };
}
