import express, { type Router } from 'express';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Deps } from '../deps.ts';
import { nodesAlive } from '../due/heartbeat.ts';
import type { Live } from '../realtime/live.ts';

/** /healthz: the process answers. /readyz: it can keep promises (database), and says what is missing. /metrics: Prometheus. */
export function healthRoutes(deps: Deps, live: Live, isDraining: () => boolean): Router {
  const router = express.Router();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'hearthline_sockets',
    help: 'Open sockets of this node',
    registers: [registry],
    collect() {
      this.set(live.count());
    },
  });
  const line = new Gauge({
    name: 'hearthline_line',
    help: 'Rows by state',
    labelNames: ['what'],
    registers: [registry],
    async collect() {
      const { rows } = await deps.sql.query<{ what: string; n: number }>(
        `select 'waiting' as what, count(*)::int as n from request where state = 'waiting'
       union all select 'offers', count(*)::int from offer where state = 'pending'
       union all select 'conversations', count(*)::int from conversation where state = 'live' and side_of is null
       union all select 'peers_available', count(*)::int from peer_state where state = 'available' and away_since is null
       union all select 'due_late', count(*)::int from due where due_at < $1
       union all select 'due_parked', count(*)::int from due where tries >= 5
       union all select 'outbox_open', count(*)::int from outbox where dispatched_at is null`,
        [new Date(deps.clock.now().getTime() - 2000)],
      );
      for (const r of rows) line.set({ what: r.what }, r.n);
    },
  });
  const pool = new Gauge({
    name: 'hearthline_pool',
    help: 'Database connections',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      pool.set({ state: 'total' }, deps.acts.totalCount);
      pool.set({ state: 'idle' }, deps.acts.idleCount);
      pool.set({ state: 'waiting' }, deps.acts.waitingCount);
    },
  });

  router.get('/healthz', (_req, res) => void res.json({ ok: true }));
  router.get('/readyz', async (_req, res) => {
    const database = await deps.sql.query('select 1', []).then(
      () => true,
      () => false,
    );
    const nodes = database ? await nodesAlive(deps) : { servers: 0, workers: 0 };
    const clock = Math.abs(deps.clock.offsetMs()) < 60_000;
    const ready = database && !isDraining();
    res.status(ready ? 200 : 503).json({
      ok: ready,
      database,
      redis: deps.redis.status === 'ready',
      workers: nodes.workers,
      clock,
      draining: isDraining(),
    });
  });
  router.get('/metrics', async (req, res) => {
    // numbers for the operator's own scraper on this machine or behind the proxy that hides this path
    if (!deps.config.origin || !req.get('x-forwarded-for'))
      res.type(registry.contentType).send(await registry.metrics());
    else res.status(404).end();
  });
  return router;
}
