import type { Deps } from '../deps.ts';
import { every } from './loop.ts';

const aliveMs = 8000;
const lateMs = 3000;

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
  const loop = every(2000, 'heartbeat', deps.log, beat);
  return {
    async stop() {
      await loop.stop();
      await deps.sql.query('delete from node where id = $1', [deps.nodeId]).catch(() => {});
    },
  };
}

export async function nodesAlive(deps: Deps): Promise<{ servers: number; workers: number }> {
  const { rows } = await deps.sql.query<{ servers: number; workers: number }>(
    `select count(*) filter (where role = 'server')::int as servers, count(*) filter (where role = 'worker')::int as workers from node where seen_at > $1`,
    [new Date(deps.clock.now().getTime() - aliveMs)],
  );
  return rows[0] ?? { servers: 0, workers: 0 };
}
