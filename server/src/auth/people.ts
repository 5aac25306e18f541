import { randomBytes, randomUUID } from 'node:crypto';
import type { Role } from '@hearthline/shared/contracts/ids';
import type pg from 'pg';
import type { Auth } from './auth.ts';
import { fromBase32, totp } from './totp.ts';

export type PeopleDeps = { auth: Auth; pool: pg.Pool };
/** A wrong wish of the person at the terminal, in a sentence for them. */
export class StaffError extends Error {}

/** 20 characters, 100 bits, without look-alikes. */
export const newPassword = (): string =>
  Array.from(randomBytes(20), (b) => 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'[b % 54]).join('');

export async function addStaff(
  d: PeopleDeps,
  who: {
    email: string;
    name: string;
    roles: Role[];
    lineSlugs: string[];
    password: string;
    title?: string;
    organisation?: string;
  },
): Promise<{ id: string }> {
  const email = who.email.trim().toLowerCase();
  const lines = await d.pool.query<{ id: string; slug: string }>(
    "select id, slug from line where $1::text[] = '{}' or slug = any($1::text[])",
    [who.lineSlugs],
  );
  const missing = who.lineSlugs.filter((s) => !lines.rows.some((l) => l.slug === s));
  if (missing.length > 0) throw new StaffError(`There is no line "${missing[0]}".`);
  const known = await d.pool.query('select 1 from staff where email = $1', [email]);
  if (known.rowCount) throw new StaffError(`${email} is there already.`);
  const ctx = await d.auth.$context;
  const before = await ctx.internalAdapter.findUserByEmail(email, { includeAccounts: false }); // left by an earlier try that was cut short
  const user =
    before?.user ??
    (await ctx.internalAdapter.createUser(
      { email, name: who.name, emailVerified: true },
      { method: 'email-password' },
    ));
  const hash = await ctx.password.hash(who.password);
  if (before) await d.pool.query('delete from auth_account where "userId" = $1', [user.id]);
  await ctx.internalAdapter.linkAccount({
    userId: user.id,
    providerId: 'credential',
    accountId: user.id,
    password: hash,
  });
  const id = randomUUID();
  const client = await d.pool.connect();
  try {
    await client.query('begin');
    await client.query(
      'insert into staff (id, auth_user_id, name, email, roles, title, organisation, created_at) values ($1, $2, $3, $4, $5, $6, $7, now())',
      [id, user.id, who.name, email, who.roles, who.title ?? null, who.organisation ?? null],
    );
    for (const line of lines.rows)
      await client.query('insert into staff_line (staff_id, line_id) values ($1, $2)', [id, line.id]);
    await client.query('commit');
  } catch (e) {
    await client.query('rollback');
    throw e;
  } finally {
    client.release();
  }
  return { id };
}

/** Walks the real enrolment: sign in, ask for a secret, prove it with a code. @returns the secret in base32. */
export async function enrolFactor(auth: Auth, email: string, password: string): Promise<string> {
  const signedIn = await auth.api.signInEmail({ body: { email, password }, asResponse: true });
  const headers = new Headers({ cookie: cookiesOf(signedIn) });
  const enrolment = await auth.api.enableTwoFactor({ body: { password }, headers });
  const secret = 'totpURI' in enrolment ? new URL(enrolment.totpURI).searchParams.get('secret') : null;
  if (!secret) throw new Error('the enrolment gave no secret');
  const code = totp(fromBase32(secret), new Date()).code;
  const proven = await auth.api.verifyTOTP({ body: { code }, headers, asResponse: true });
  await auth.api.signOut({ headers: new Headers({ cookie: cookiesOf(proven) }) });
  return secret;
}
const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((c) => c.split(';')[0])
    .join('; ');

async function authUserOf(pool: pg.Pool, email: string): Promise<string> {
  const { rows } = await pool.query<{ auth_user_id: string }>('select auth_user_id from staff where email = $1', [
    email.trim().toLowerCase(),
  ]);
  if (!rows[0]) throw new StaffError(`Nobody here has the address ${email}.`);
  return rows[0].auth_user_id;
}

/** The person enrols a new one at their next sign-in; every session of theirs ends. */
export async function resetFactor(pool: pg.Pool, email: string): Promise<void> {
  const user = await authUserOf(pool, email);
  await pool.query('delete from auth_two_factor where "userId" = $1', [user]);
  await pool.query('update auth_user set "twoFactorEnabled" = false where id = $1', [user]);
  await pool.query('delete from auth_session where "userId" = $1', [user]);
}

/**
 * For each line of somebody whose row has changed. Nobody here tells it after the commit, so it is written as one that should
 * have been told a moment ago: the relay takes it with its next turn.
 */
const tellLines = `
  insert into outbox (event, written_at)
  select jsonb_build_object('type', $2::text, 'lineId', l.line_id, 'staffIds', jsonb_build_array(s.id)), now() - interval '2 seconds'
  from changed s join staff_line l on l.staff_id = s.id`;

/** Everything of theirs ends within 5 s on every node (S3), and nobody sees them as on call (RO11). */
export async function suspend(pool: pg.Pool, email: string): Promise<void> {
  const user = await authUserOf(pool, email);
  await pool.query(
    `with changed as (update staff set suspended_at = coalesce(suspended_at, now()) where auth_user_id = $1 returning id) ${tellLines}`,
    [user, 'staff.suspended'],
  );
  await pool.query('delete from auth_session where "userId" = $1', [user]);
}

export async function reinstate(pool: pg.Pool, email: string): Promise<void> {
  await pool.query(
    `with changed as (update staff set suspended_at = null where auth_user_id = $1 returning id) ${tellLines}`,
    [await authUserOf(pool, email), 'roster.changed'],
  );
}
