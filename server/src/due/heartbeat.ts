import type { Deps } from '../deps.ts';
import { every } from './loop.ts';

const aliveMs = 8000;

export function startHeartbeat(deps: Deps, role: 'server' | 'worker'): { stop(): Promise<void> } {
  const beat = async () => {
    await deps.sql.query(
      `insert into node (id, role, seen_at, has_redis) values ($1, $2, $3, $4) on conflict (id) do update set seen_at = excluded.seen_at, has_redis = excluded.has_redis`,
      [deps.nodeId, role, deps.clock.now(), deps.redis.status === 'ready'],
    );
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
