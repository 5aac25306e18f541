import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { createAuth } from './auth/auth.ts';
import { createStaffSessions } from './auth/staffSession.ts';
import { createLane, openDeliveryPool } from './delivery/lane.ts';
import { createMessageFanOut } from './delivery/fanOut.ts';
import type { Deps } from './deps.ts';
import { createLimits } from './doors/limits.ts';
import type { DoorDeps } from './doors/table.ts';
import { authRoutes } from './http/auth.routes.ts';
import { formsOnly } from './http/body.ts';
import { callerRoutes } from './http/caller.routes.ts';
import { baseHeaders } from './http/baseHeaders.ts';
import { fromOwnPage } from './http/cookies.ts';
import { docsRoutes } from './http/docs.routes.ts';
import { doorRoutes } from './http/doors.routes.ts';
import { healthRoutes } from './http/health.ts';
import { mediaHook } from './http/mediaHook.ts';
import { gatewayHook, twilioHook, twilioStatusHook } from './http/meansHooks.ts';
import { proxyMediaAsks, proxyMediaSockets } from './http/mediaProxy.ts';
import { toOurName } from './http/ownName.ts';
import { lineAnswer, pageServices } from './http/pages.ts';
import { pageLimit } from './http/pageLimit.ts';
import { signalPath } from './media/livekit.ts';
import { refuseWith } from './http/refuse.ts';
import { createLive, type Live } from './realtime/live.ts';

type Handler = (req: Request, res: Response, next: NextFunction) => void;
export type App = { http: Server; live: Live; drain(): void; stop(): Promise<void> };

/** Mounts every door on one port: health, staff sign-in, API, sockets, documents, and the pages behind them. */
export function createApp(deps: Deps, pages: Handler): App {
  const app = express();
  const http = createServer(
    { maxHeaderSize: 16_384, requestTimeout: 20_000, headersTimeout: 10_000, connectionsCheckingInterval: 2000 },
    app,
  );
  const networkKey = randomBytes(32);
  const auth = createAuth({
    pool: deps.pool,
    secret: deps.config.secret,
    origin: deps.config.origin,
    port: deps.config.port,
  });
  const staffSessions = createStaffSessions(auth, deps.pool, deps.config.lockAfterSeconds);
  const live = createLive(http, deps, staffSessions, networkKey);
  const fanOut = createMessageFanOut(deps, live);
  const deliveryPool = openDeliveryPool(deps.config.databaseUrl);
  const lane = createLane({ pool: deliveryPool, clock: deps.clock, deliver: fanOut.deliver });
  const doorDeps: DoorDeps = {
    ...deps,
    lane,
    limits: createLimits(deps),
    tellMarks: fanOut.marks,
    tellTyping: fanOut.typing,
    tellSignal: fanOut.signal,
    tellTaken: fanOut.taken,
    takeOver: live.takeOver,
    shownTo: live.shownTo,
  };
  live.use(doorDeps);
  let draining = false;

  app.disable('x-powered-by');
  app.set('trust proxy', deps.config.trustProxy ? 1 : false);
  app.use((req, _res, next) => {
    req.headers['x-forwarded-proto'] = req.protocol; // always overwritten: Kit believes it (S9)
    next();
  });
  app.use(baseHeaders(deps.config));
  app.use(healthRoutes(deps, live, () => draining));
  app.post('/api/media/webhook', ...mediaHook(deps)); // it comes from the media server, by an address of its own
  app.post('/api/means/callback', ...gatewayHook(deps));
  app.post(twilioHook, ...twilioStatusHook(deps));
  app.use(toOurName(deps.config));
  app.use(
    '/api',
    helmet({
      contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] }, useDefaults: false },
      frameguard: { action: 'deny' },
      hsts: false, // of the base, and only where there is https
      referrerPolicy: false,
    }),
  );
  app.use('/api', (req, res, next) => {
    if (!['GET', 'HEAD'].includes(req.method) && !fromOwnPage(req, deps.config))
      return refuseWith(res, 'origin.refused');
    next();
  });
  app.use('/api/auth', authRoutes(auth, deps, staffSessions));
  app.use('/api/doors', doorRoutes(doorDeps, staffSessions, live, networkKey));
  const services = pageServices(deps, staffSessions, networkKey);
  app.use('/api/caller', services, callerRoutes(deps, live));
  const notTooMany = pageLimit(deps, networkKey);
  app.get('/api/line', notTooMany, async (req, res) => {
    const answer = await lineAnswer(deps, typeof req.query['line'] === 'string' ? req.query['line'] : undefined);
    if (answer.ok) res.json(answer);
    else refuseWith(res, answer.code);
  });
  app.use('/api/docs', docsRoutes());
  app.use('/api', (_req, res) => refuseWith(res, 'door.unknown'));
  app.use(signalPath, proxyMediaAsks(deps));
  proxyMediaSockets(http, deps, live.mayTry);
  app.use(notTooMany, formsOnly, services, pages);
  app.use(
    (error: { type?: string; status?: number; message: string }, _req: Request, res: Response, _next: NextFunction) => {
      if (res.headersSent) return res.destroy();
      if (error.type === 'entity.too.large') return refuseWith(res, 'input.tooLarge');
      if (error.status && error.status < 500) return refuseWith(res, 'input.malformed');
      const ref = randomUUID().slice(0, 8);
      deps.log.error({ ref, err: error.message }, 'a request failed');
      refuseWith(res, 'server.broke', ref);
    },
  );

  return {
    http,
    live,
    drain() {
      draining = true;
    },
    async stop() {
      fanOut.stop();
      await live.stop();
      http.closeAllConnections();
      await deliveryPool.end();
    },
  };
}
