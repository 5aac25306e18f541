import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { getMigrations } from 'better-auth/db/migration';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { Config } from '../config.ts';

export type AuthDeps = { pool: pg.Pool; secret: string; origin: string | null; port: number };
const twelveHours = 12 * 3600;
/** The cookie may outlive its session: one that a live talk holds open still needs it (S2). */
const cookieSeconds = 2 * twelveHours;
/** Only what these paths open is a session with both factors. */
const factorPaths: ReadonlySet<string | undefined> = new Set([
  '/two-factor/verify-totp',
  '/two-factor/verify-backup-code',
]);

export const staffCookieName = (origin: string | null): string => (origin ? '__Host-hl_staff' : 'hl_staff');

/** Staff sign-in: password, then a one-time code. Nobody signs up; people are added by an administrator. */
export function createAuth({ pool, secret, origin, port }: AuthDeps) {
  const attributes = { httpOnly: true, sameSite: 'lax', secure: origin !== null, path: '/' } as const;
  const named = (name: string) => ({
    name: name === 'session_token' ? staffCookieName(origin) : `${staffCookieName(origin)}_${name}`,
    attributes,
  });
  return betterAuth({
    appName: 'Hearthline',
    baseURL: origin ?? `http://localhost:${port}`,
    basePath: '/api/auth',
    secret,
    database: { db: new Kysely({ dialect: new PostgresDialect({ pool }) }), type: 'postgres' },
    telemetry: { enabled: false },
    logger: { disabled: true }, // refusals are ours to say; nothing of a sign-in goes to a log
    rateLimit: { enabled: false }, // ours stands in front
    trustedOrigins: origin ? [origin] : [`http://localhost:${port}`, `http://127.0.0.1:${port}`],
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 128 },
    user: { modelName: 'auth_user' },
    account: { modelName: 'auth_account' },
    verification: { modelName: 'auth_verification' },
    session: {
      modelName: 'auth_session',
      expiresIn: cookieSeconds,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
      additionalFields: {
        factorProven: { type: 'boolean', required: false, defaultValue: false, input: false },
        lockedAt: { type: 'date', required: false, input: false },
        activeAt: { type: 'date', required: false, input: false },
      },
    },
    databaseHooks: {
      session: {
        create: {
          /** A new sign-in ends the one this browser had (S1), lives 12 h whatever was asked for (S2), and says whether both factors were shown (S5). Nobody suspended gets one, and who knows the password is told why. */
          async before(session, ctx) {
            const suspended = await pool.query(
              'select 1 from staff where auth_user_id = $1 and suspended_at is not null',
              [session.userId],
            );
            if (suspended.rowCount) throw new APIError('FORBIDDEN', { code: 'STAFF_SUSPENDED', message: 'suspended' });
            const old =
              ctx && (await ctx.getSignedCookie(ctx.context.authCookies.sessionToken.name, ctx.context.secret));
            if (old) await pool.query('delete from auth_session where token = $1', [old]);
            const expiresAt = new Date(Math.min(session.expiresAt.getTime(), Date.now() + twelveHours * 1000));
            return { data: { ...session, expiresAt, factorProven: factorPaths.has(ctx?.path) } };
          },
        },
      },
      user: {
        update: {
          /** Once a factor is enrolled, sessions opened by password alone end. */
          async after(user) {
            if (user['twoFactorEnabled'] === true)
              await pool.query('delete from auth_session where "userId" = $1 and "factorProven" is not true', [
                user.id,
              ]);
          },
        },
      },
    },
    advanced: {
      useSecureCookies: false, // it would prefix names by itself; ours are set here
      cookies: Object.fromEntries(
        ['session_token', 'session_data', 'account_data', 'dont_remember', 'two_factor', 'trust_device'].map((c) => [
          c,
          named(c),
        ]),
      ),
      defaultCookieAttributes: attributes,
      ipAddress: { disableIpTracking: true },
    },
    plugins: [twoFactor({ issuer: 'Hearthline', twoFactorTable: 'auth_two_factor' })],
  });
}
export type Auth = ReturnType<typeof createAuth>;

/** Makes and grows the sign-in tables, and names their retention class. */
export async function migrateAuth(config: Config, pool: pg.Pool): Promise<void> {
  const auth = createAuth({ pool, secret: config.secret, origin: config.origin, port: config.port });
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  for (const table of ['auth_user', 'auth_account', 'auth_two_factor'])
    await pool.query(`comment on table ${table} is 'class: directory'`);
  for (const table of ['auth_session', 'auth_verification'])
    await pool.query(`comment on table ${table} is 'class: session'`);
}
