import { randomBytes } from 'node:crypto';
import { toNodeHandler } from 'better-auth/node';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import type { Deps } from '../deps.ts';
import { staffCookieName, type Auth } from '../auth/auth.ts';
import { hasUnreadBody } from './body.ts';
import { fromOwnPage, networkOf, ownOrigins, readCookie } from './cookies.ts';
import { refuseWith } from './refuse.ts';
import { createSignInLimits } from './signInLimits.ts';
import { refuse, type Result } from '@hearthline/shared/contracts/refusals';
import { endOwnSessions } from '../auth/ownSessions.ts';
import { createScreenLock } from '../auth/screenLock.ts';
import type { StaffSessions } from '../realtime/staffSessions.ts';

/** The open paths, and the only fields of a body that pass: nobody asks to be remembered or to skip the second factor. */
const open: ReadonlyMap<string, readonly string[]> = new Map([
  ['POST /sign-in/email', ['email', 'password']],
  ['POST /two-factor/enable', ['password']],
  ['POST /two-factor/verify-totp', ['code']],
  ['POST /two-factor/verify-backup-code', ['code']],
  ['POST /staff/lock', []],
  ['POST /staff/unlock', ['code']],
  ['POST /staff/active', []],
  ['POST /staff/sessions/end', ['session']],
  ['POST /sign-out', []],
  ['GET /get-session', []],
]);
const longest: Record<string, number> = { email: 254, password: 128, code: 64, session: 64 };

const takesCode = (path: string): boolean => path.startsWith('/two-factor/');

/** The wanted fields of a body, or null when one is missing, too long or no text. */
function fieldsOf(body: unknown, wanted: readonly string[]): Record<string, string> | null {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const fields: Record<string, string> = {};
  for (const name of wanted) {
    const value = given[name];
    if (typeof value !== 'string' || value.length === 0 || value.length > (longest[name] ?? 0)) return null;
    fields[name] = value;
  }
  return fields;
}

/** Whose second step this is: the cookie of the first one names a row, and the row the account. */
async function signingIn(req: Request, { config, pool }: Pick<Deps, 'config' | 'pool'>): Promise<string | null> {
  const cookie = readCookie(req, `${staffCookieName(config.origin)}_two_factor`);
  if (!cookie) return null;
  const { rows } = await pool.query<{ value: string }>('select value from auth_verification where identifier = $1', [
    cookie.split('.')[0]?.slice(0, 100),
  ]);
  return rows[0]?.value ?? null;
}

/** The few paths of sign-in that are ours to open, each limited by network, and guesses by account. */
export function authRoutes(
  auth: Auth,
  deps: Pick<Deps, 'config' | 'pool' | 'hub' | 'clock'>,
  staffSessions: StaffSessions,
): Router {
  const router = express.Router();
  const key = randomBytes(32);
  const limits = createSignInLimits(deps.config);
  const handle = toNodeHandler(auth);

  router.use(async (req: Request, res: Response, next: NextFunction) => {
    if (!open.has(`${req.method} ${req.path}`)) return refuseWith(res, 'door.unknown');
    if (req.method === 'POST' && !fromOwnPage(req, deps.config)) return refuseWith(res, 'origin.refused');
    const network = networkOf(req, deps.config, key);
    if (req.path === '/sign-in/email' && !(await limits.network(network))) return refuseWith(res, 'rate.slowDown');
    if (takesCode(req.path) && !(await limits.code(network, await signingIn(req, deps))))
      return refuseWith(res, 'rate.slowDown');
    next();
  });
  router.post(
    '/*path',
    express.json({ limit: '4kb', type: 'application/json' }),
    async (req: Request, res: Response, next: NextFunction) => {
      const fields = fieldsOf(req.body, open.get(`POST ${req.path}`) ?? []);
      if (!fields || hasUnreadBody(req)) return refuseWith(res, 'input.malformed');
      const { email } = fields;
      if (email) {
        const network = networkOf(req, deps.config, key);
        if (!(await limits.password(network, email))) return refuseWith(res, 'rate.slowDown');
        res.on('finish', () => void (res.statusCode === 200 && limits.passwordWasRight(network, email)));
      }
      req.body = fields;
      req.headers.origin ??= ownOrigins(deps.config)[0]; // the guard above has passed it; the handler asks for one
      next();
    },
  );
  const screenLock = createScreenLock(auth, deps, staffSessions);
  const answer = (res: Response, result: Result<unknown>) =>
    result.ok ? void res.json(result) : refuseWith(res, result.code);
  /** Whether this browser is signed in, and nothing of the session itself: its token is no business of a script. */
  router.get('/get-session', async (req, res) => {
    const staff = await staffSessions.staffOf(req.headers);
    res.json(staff && { factorEnrolled: staff.factorEnrolled, locked: staff.locked });
  });
  router.post('/staff/lock', async (req, res) => answer(res, await screenLock.lock(req.headers)));
  router.post('/staff/active', async (req, res) => answer(res, await screenLock.active(req.headers)));
  router.post('/staff/unlock', async (req, res) => {
    const { code } = req.body as { code: string }; // checked above
    const staff = await staffSessions.staffOf(req.headers);
    if (!staff) return refuseWith(res, 'auth.required');
    if (!(await limits.unlock(staff.sessionId))) return refuseWith(res, 'rate.slowDown');
    answer(res, await screenLock.unlock(req.headers, code));
  });
  router.post('/staff/sessions/end', async (req, res) => {
    const { session } = req.body as { session: string }; // checked above
    const staff = await staffSessions.staffOf(req.headers);
    answer(res, staff?.factorEnrolled ? await endOwnSessions(deps, staff, session) : refuse('auth.required'));
  });
  router.use((req: Request, res: Response, next: NextFunction) => {
    handle(req, res).catch(next);
  });
  return router;
}
