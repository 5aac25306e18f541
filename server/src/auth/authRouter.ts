import { createHash, randomBytes } from 'node:crypto';
import { toNodeHandler } from 'better-auth/node';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Deps } from '../deps.ts';
import { networkOf } from '../http/cookies.ts';
import { refuseWith } from '../http/doors.routes.ts';
import type { Auth } from './auth.ts';

const open = new Set(['POST /sign-in/email', 'POST /two-factor/enable', 'POST /two-factor/verify-totp', 'POST /two-factor/verify-backup-code', 'POST /sign-out', 'GET /get-session']);
const most = 10_000;

/** The few paths of sign-in that are ours to open, each limited by network, and guesses by account. */
export function createAuthRouter(auth: Auth, deps: Pick<Deps, 'config'>): Router {
  const router = express.Router();
  const key = randomBytes(32);
  const scale = deps.config.limits.joinsPerNetwork10Min / 60; // tests and benches raise limits by the same settings
  const signIns = new RateLimiterMemory({ points: Math.ceil(30 * scale), duration: 900 });
  const perAccount = new RateLimiterMemory({ points: Math.ceil(8 * scale), duration: 900 });
  const codes = new RateLimiterMemory({ points: Math.ceil(12 * scale), duration: 300 });
  const allowed = (limiter: RateLimiterMemory, who: string) => limiter.consume(who).then(() => true, () => false);
  const handle = toNodeHandler(auth);

  router.use(async (req: Request, res: Response, next: NextFunction) => {
    if (!open.has(`${req.method} ${req.path}`)) return refuseWith(res, 'door.unknown');
    const network = networkOf(req.ip, key);
    if (req.path === '/sign-in/email' && !(await allowed(signIns, network))) return refuseWith(res, 'rate.slowDown');
    if (req.path.startsWith('/two-factor/verify') && !(await allowed(codes, network))) return refuseWith(res, 'rate.slowDown');
    next();
  });
  router.post('/sign-in/email', express.json({ limit: '4kb' }), async (req: Request, res: Response, next: NextFunction) => {
    const { email, password } = (req.body ?? {}) as Record<string, unknown>;
    if (typeof email !== 'string' || typeof password !== 'string' || email.length > 254 || password.length > 128) return refuseWith(res, 'input.malformed');
    if (!(await allowed(perAccount, createHash('sha256').update(key).update(email.toLowerCase()).digest('base64')))) return refuseWith(res, 'rate.slowDown');
    next();
  });
  router.use((req: Request, res: Response, next: NextFunction) => {
    if (Number(req.headers['content-length'] ?? 0) > most) return refuseWith(res, 'input.tooLarge');
    handle(req, res).catch(next);
  });
  return router;
}
