import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuth } from '@hearthline/server/auth/auth';
import { enrolFactor, reinstate, resetFactor, suspend } from '@hearthline/server/auth/people';
import { createStaffSessions } from '@hearthline/server/auth/staffSession';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, program, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { accountOf, accountsOf, codeOf, staffBrowser, wrongCodeFor, type Account } from '../support/staffBrowser.ts';

let stack: Stack;
let pool: pg.Pool;
let origin: string;
const cli = (name: string, ...args: string[]) => program(join(ROOT, 'server/src/cli', `${name}.ts`), stack.env, args);
const account = (name: string): Account => accountOf(stack, name);
const authHere = (at: string | null = null) =>
  createAuth({ pool, secret: stack.env['HEARTHLINE_SECRET']!, origin: at, port: Number(new URL(stack.url).port) });

/** A browser, and who the server takes it for. */
function browser(more: Record<string, string> = {}) {
  const b = staffBrowser(stack.url, more);
  return { ...b, staff: () => createStaffSessions(authHere(), pool).staffOf({ cookie: b.header() }) };
}

beforeAll(async () => {
  stack = await startStack({ workers: 0, seed: true, env: raisedLimits });
  pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 4 });
  pool.on('error', () => {}); // the database is dropped at the end
  origin = stack.url;
});
afterAll(async () => {
  await pool.end();
  await stack.stop();
});

describe('password, then a one-time code', () => {
  test('both open a session; its cookie is ours, HttpOnly and Lax', async () => {
    const b = browser();
    const maya = account('maya');
    const first = await b.auth('sign-in/email', { email: maya.email, password: maya.password });
    expect(first.body).toMatchObject({ twoFactorRedirect: true });
    expect(b.cookies.has('hl_staff')).toBe(false);
    expect(await b.staff()).toBeNull();
    expect(await b.door('desk.view')).toBe('auth.required');
    const second = await b.auth('two-factor/verify-totp', { code: codeOf(maya.secret) });
    expect(second.set.find((c) => c.startsWith('hl_staff='))).toMatch(
      /Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(await b.staff()).toMatchObject({
      name: 'Maya',
      email: maya.email,
      roles: ['peer'],
      factorEnrolled: true,
      lineIds: [expect.any(String)],
    });
    expect(await b.door('desk.view')).toBe('ok');
    const old = b.header();
    await b.auth('sign-out', {});
    expect(await createStaffSessions(authHere(), pool).staffOf({ cookie: old })).toBeNull();
  });

  test('a wrong code and a wrong password open nothing', async () => {
    const b = browser();
    const maya = account('maya');
    expect((await b.auth('sign-in/email', { email: maya.email, password: 'not the password' })).status).toBe(401);
    await b.auth('sign-in/email', { email: maya.email, password: maya.password });
    expect((await b.auth('two-factor/verify-totp', { code: wrongCodeFor(maya.secret) })).status).toBe(401);
    expect(await b.staff()).toBeNull();
  });

  test('[S1] a new sign-in ends the session this browser had', async () => {
    const b = browser();
    await b.signIn(account('maya'));
    const old = b.header();
    await b.signIn(account('maya'));
    expect(await b.staff()).not.toBeNull();
    expect(await createStaffSessions(authHere(), pool).staffOf({ cookie: old })).toBeNull();
  });

  test('[S2][S5] nobody asks to be remembered: 12 h at most, and the code each time', async () => {
    const b = browser();
    const idris = account('idris');
    await b.signIn(idris, { rememberMe: false, trustDevice: true });
    const { rows } = await pool.query<{ hours: number }>(
      `select max(extract(epoch from a."expiresAt" - a."createdAt") / 3600)::float8 as hours from auth_session a join staff s on s.auth_user_id = a."userId" where s.email = $1`,
      [idris.email],
    );
    expect(rows[0]?.hours).toBeGreaterThan(11.9);
    expect(rows[0]?.hours).toBeLessThan(12.1);
    expect([...b.cookies.keys()].filter((name) => name.includes('trust'))).toEqual([]);
    expect((await b.auth('sign-in/email', { email: idris.email, password: idris.password })).body).toMatchObject({
      twoFactorRedirect: true,
    });
    expect(await b.staff()).toBeNull();
  });

  test('[S5] a remembered device from behind the door is nobody without its code', async () => {
    const auth = authHere();
    const idris = account('idris');
    const signedIn = await auth.api.signInEmail({
      body: { email: idris.email, password: idris.password },
      asResponse: true,
    });
    const cookies = (r: Response) =>
      r.headers
        .getSetCookie()
        .map((c) => c.split(';')[0])
        .join('; ');
    const proven = await auth.api.verifyTOTP({
      body: { code: codeOf(idris.secret), trustDevice: true },
      headers: new Headers({ cookie: cookies(signedIn) }),
      asResponse: true,
    });
    const trusted = cookies(proven)
      .split('; ')
      .filter((c) => c.includes('trust_device'))
      .join('; ');
    const again = await auth.api.signInEmail({
      body: { email: idris.email, password: idris.password },
      headers: new Headers({ cookie: trusted }),
      asResponse: true,
    });
    expect(cookies(again)).toMatch(/hl_staff=[^;]/); // the sign-in library believes the device, we do not
    expect(await createStaffSessions(auth, pool).staffOf({ cookie: cookies(again) })).toBeNull();
  });
});

test('[S2] a session lives 12 h also when something behind the door asks for a day', async () => {
  const auth = authHere();
  const sam = account('sam');
  const cookies = (r: Response) =>
    r.headers
      .getSetCookie()
      .map((c) => c.split(';')[0])
      .join('; ');
  const signedIn = await auth.api.signInEmail({
    body: { email: sam.email, password: sam.password, rememberMe: false },
    asResponse: true,
  });
  const proven = await auth.api.verifyTOTP({
    body: { code: codeOf(sam.secret) },
    headers: new Headers({ cookie: cookies(signedIn) }),
    asResponse: true,
  });
  const session = await auth.api.getSession({ headers: new Headers({ cookie: cookies(proven) }) });
  const hours = ((session?.session.expiresAt.getTime() ?? 0) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(11.9);
  expect(hours).toBeLessThanOrEqual(12);
});

describe('a person without a factor', () => {
  test('[S5] the password alone leads to enrolment only, and enrolling ends every other session opened by it', async () => {
    const printed = await cli('staff', 'add', '--email', 'Noor@example.org', '--name', 'Noor', '--role', 'peer');
    const password = /^ {2}(\S{20})$/m.exec(printed)?.[1] ?? '';
    const thief = browser();
    const noor = browser();
    for (const b of [thief, noor]) await b.auth('sign-in/email', { email: 'noor@example.org', password });
    expect(await noor.staff()).toMatchObject({ factorEnrolled: false });
    expect(await noor.door('desk.view')).toBe('auth.factorRequired');
    const enrolment = await noor.auth('two-factor/enable', { password });
    const secret = new URL(String(enrolment.body?.['totpURI'])).searchParams.get('secret') ?? '';
    expect(await noor.door('desk.view')).toBe('auth.factorRequired');
    expect((await noor.auth('two-factor/verify-totp', { code: codeOf(secret) })).status).toBe(200);
    expect(await noor.staff()).toMatchObject({ factorEnrolled: true });
    expect(await thief.staff()).toBeNull();
    expect(await thief.door('desk.view')).toBe('auth.required');
    const backup = (enrolment.body?.['backupCodes'] as string[])[0];
    const lost = browser();
    await lost.auth('sign-in/email', { email: 'noor@example.org', password });
    expect((await lost.auth('two-factor/verify-backup-code', { code: backup })).status).toBe(200);
    expect(await lost.staff()).toMatchObject({ factorEnrolled: true });
    const twice = browser();
    await twice.auth('sign-in/email', { email: 'noor@example.org', password });
    expect((await twice.auth('two-factor/verify-backup-code', { code: backup })).status).toBe(401);
  });

  test('a reset factor ends the sessions and asks for a new one', async () => {
    const b = browser();
    const ana = account('ana');
    await b.signIn(ana);
    await resetFactor(pool, ana.email);
    expect(await b.staff()).toBeNull();
    const again = browser();
    await again.auth('sign-in/email', { email: ana.email, password: ana.password });
    expect(await again.staff()).toMatchObject({ factorEnrolled: false });
    await enrolFactor(authHere(), ana.email, ana.password);
    expect(await again.staff()).toBeNull();
  });
});

test('[S3] a suspended person is nobody at once, also after signing in anew, until reinstated', async () => {
  const b = browser();
  const rosa = account('rosa');
  await b.signIn(rosa);
  const id = (await b.staff())?.sessionId ?? '';
  const sessions = createStaffSessions(authHere(), pool);
  expect([...(await sessions.alive([id])).keys()]).toEqual([id]);
  await suspend(pool, rosa.email);
  expect(await b.staff()).toBeNull();
  expect((await sessions.alive([id])).size).toBe(0);
  await b.signIn(rosa);
  expect(await b.staff()).toBeNull();
  await reinstate(pool, rosa.email);
  await b.signIn(rosa);
  expect(await b.staff()).toMatchObject({ roles: ['coordinator'] });
});

test('[S2] an expired session is nobody', async () => {
  const b = browser();
  await b.signIn(account('sam'));
  const id = (await b.staff())?.sessionId;
  await pool.query(`update auth_session set "expiresAt" = now() - interval '1 second' where id = $1`, [id]);
  expect(await b.staff()).toBeNull();
});

describe('the door of sign-in', () => {
  test.each([
    ['POST', 'sign-up/email'],
    ['POST', 'two-factor/disable'],
    ['POST', 'two-factor/get-totp-uri'],
    ['POST', 'two-factor/generate-backup-codes'],
    ['POST', 'update-user'],
    ['POST', 'change-password'],
    ['POST', 'request-password-reset'],
    ['GET', 'list-sessions'],
    ['GET', 'ok'],
    ['POST', 'Sign-In/Email'],
    ['POST', 'sign-in/email/'],
    ['GET', 'sign-in/email'],
  ])('%s %s is not there', async (method, path) => {
    const answer = await browser().auth(path, method === 'GET' ? undefined : {});
    expect([answer.status, answer.body]).toMatchObject([404, { refusal: { code: 'door.unknown', retryable: false } }]);
  });

  test.each([
    ['another origin', { origin: 'https://elsewhere.example' }, 403],
    ['no origin', { origin: 'null' }, 403],
    ['another port', { origin: 'http://127.0.0.1:1' }, 403],
  ])('a call of %s is refused', async (_name, headers, status) => {
    const answer = await browser(headers).auth('sign-in/email', { email: 'a@example.org', password: 'x'.repeat(12) });
    expect([answer.status, answer.body]).toMatchObject([status, { refusal: { code: 'origin.refused' } }]);
  });

  test('without an Origin only what the browser calls our own passes', async () => {
    const call = (site: Record<string, string>) =>
      fetch(`${stack.url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...site },
        body: JSON.stringify({ email: 'a@example.org', password: 'wrong password' }),
      });
    expect((await call({})).status).toBe(403);
    expect((await call({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await call({ 'sec-fetch-site': 'same-origin' })).status).toBe(401);
  });

  test.each([
    ['no JSON', '{', 400],
    ['no fields', '{}', 400],
    ['numbers', '{"email":1,"password":2}', 400],
    ['a long password', JSON.stringify({ email: 'a@example.org', password: 'x'.repeat(129) }), 400],
    ['a large body', JSON.stringify({ email: 'x'.repeat(5000), password: '' }), 413],
  ])('%s is a refusal', async (_name, body, status) => {
    const answer = await fetch(`${stack.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body,
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      status,
      { ok: false, refusal: { code: status === 413 ? 'input.tooLarge' : 'input.malformed', retryable: false } },
    ]);
  });

  test('[S6] over https every cookie is __Host-, Secure, HttpOnly and Lax', async () => {
    const maya = account('maya');
    const auth = authHere('https://line.example');
    const response = await auth.handler(
      new Request('https://line.example/api/auth/sign-in/email', {
        method: 'POST',
        headers: { origin: 'https://line.example', 'content-type': 'application/json' },
        body: JSON.stringify({ email: maya.email, password: maya.password, rememberMe: false }),
      }),
    );
    const set = response.headers.getSetCookie();
    expect(set.length).toBeGreaterThan(1);
    for (const cookie of set) {
      expect(cookie).toMatch(/^__Host-hl_staff/);
      expect(cookie).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      expect(cookie).not.toContain('Domain');
    }
  });

  test('nothing of a sign-in is in the log', () => {
    for (const { email, password, secret } of accountsOf(stack))
      for (const word of [email, password, secret]) expect(stack.output()).not.toContain(word);
  });
});

describe('the seed of the demo', () => {
  const rowsOf = async () => (await pool.query<{ id: string }>('select id from staff order by id')).rows;
  test('its file is for its owner only, and a second run changes nothing', async () => {
    const file = join(stack.dataDir, 'demo-accounts.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = [readFileSync(file, 'utf8'), await rowsOf()];
    await cli('seed');
    expect([readFileSync(file, 'utf8'), await rowsOf()]).toEqual(before);
  });
  test('a data folder kept beside a new database: the accounts are made anew and their codes work', async () => {
    const ana = account('ana');
    const { rows } = await pool.query<{ auth_user_id: string }>('select auth_user_id from staff where email = $1', [
      ana.email,
    ]);
    await pool.query('delete from on_call_layer');
    for (const table of ['means', 'staff_line'])
      await pool.query(`delete from ${table} where staff_id = (select id from staff where email = $1)`, [ana.email]);
    await pool.query('delete from staff where email = $1', [ana.email]);
    for (const table of ['auth_session', 'auth_account', 'auth_two_factor'])
      await pool.query(`delete from ${table} where "userId" = $1`, [rows[0]?.auth_user_id]);
    await pool.query('delete from auth_user where id = $1', [rows[0]?.auth_user_id]);
    await cli('seed');
    const b = browser();
    await b.signIn(account('ana'));
    expect(await b.staff()).toMatchObject({ email: ana.email, factorEnrolled: true });
    const { rows: called } = await pool.query<{ who: string }>(
      `select l.name || ': ' || s.name || ', ' || s.title as who from on_call_layer l join on_call_rotation r on r.layer_id = l.id
       join staff s on s.id = r.staff_ids[1] join means m on m.staff_id = s.id and m.verified_at is not null order by l.position`,
    );
    expect(called.map((c) => c.who)).toEqual(['primary: Ana, nurse', 'backup: Tom, nurse practitioner']);
  });
  test('cut short anywhere, it goes on where it stopped', async () => {
    const idris = account('idris');
    await pool.query('delete from staff_line where staff_id = (select id from staff where email = $1)', [idris.email]);
    await pool.query('delete from staff where email = $1', [idris.email]); // the sign-in user is there, the person is not
    const file = join(stack.dataDir, 'demo-accounts.json');
    writeFileSync(
      file,
      JSON.stringify(accountsOf(stack).map((a) => (a.email === account('sam').email ? { ...a, secret: null } : a))),
    );
    await cli('seed');
    for (const who of ['idris', 'sam']) {
      const b = browser();
      await b.signIn(account(who));
      expect(await b.staff()).toMatchObject({ email: account(who).email, factorEnrolled: true });
    }
    expect(await cli('demoAccounts')).toContain(codeOf(account('sam').secret));
  });
});

test('people by command: wrong wishes are sentences, never a stack', async () => {
  const failed = async (...args: string[]) =>
    cli('staff', ...args).then(
      () => 'it worked',
      (e: Error) => e.message,
    );
  for (const [args, words] of [
    [['add', '--email', 'x', '--name', 'X', '--role', 'peer'], 'x is not an e-mail address.'],
    [['add', '--email', 'x@example.org', '--name', 'X', '--role', 'king'], 'There is no role "king".'],
    [
      ['add', '--email', 'x@example.org', '--name', 'X', '--role', 'peer', '--line', 'nowhere'],
      'There is no line "nowhere".',
    ],
    [['add', '--email', 'maya@demo.example', '--name', 'X', '--role', 'peer'], 'is there already'],
    [['suspend', '--email', 'nobody@example.org'], 'Nobody here has the address'],
    [['list', '--wrong'], "Unknown option '--wrong'"],
  ] as const) {
    const message = await failed(...args);
    expect(message).toContain(words);
    expect(message).not.toMatch(/\n\s+at /);
  }
  expect(await cli('staff', 'list')).toContain('maya@demo.example  Maya  peer');
  expect(await cli('line', 'list')).toContain('riverbend  Riverbend line');
  expect(await cli('line', 'export', 'riverbend')).toContain('slug: riverbend');
});
