import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAuth } from '@hearthline/server/auth/auth';
import { doors, type DoorName } from '@hearthline/shared/contracts/doors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { upgrade } from '../media/app.ts';
import { testLine } from '../support/line.ts';
import { appWithRoutes, pageRoutes } from '../support/routes.ts';
import { ROOT, program, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect } from '../support/sockets.ts';
import { visitor, type Visitor } from '../support/visitor.ts';
import { inputOf } from './doorRows.ts';

/** The visitors of every row, in this order. `passwordOnly` is staff who have not enrolled a one-time code yet. */
const people = ['nobody', 'caller', 'peer', 'clinician', 'coordinator', 'administrator', 'passwordOnly'] as const;
type Person = (typeof people)[number];
type Cells = Record<Person, string>;
const cells = (...of: string[]): Cells =>
  Object.fromEntries(people.map((p, i) => [p, of[i] ?? of.at(-1) ?? ''])) as Cells;
const all = (what: string) => cells(what);
/** For signed-in staff the same, whatever their role. */
const staff = (others: string, signedIn: string, passwordOnly = signedIn) =>
  cells(others, others, signedIn, signedIn, signedIn, signedIn, passwordOnly);

/** Every route that the server mounts. A new one without a row fails. */
const routes: Record<string, Cells | 'doors' | 'auth'> = {
  'GET /healthz': all('200'),
  'GET /readyz': all('200'),
  'GET /metrics': all('200'), // of loopback; see below for one that came through a proxy
  'POST /api/caller/consent': all('400'), // without a body; with one it is the form's own, below
  'POST /api/caller/return': all('400'),
  'POST /api/caller/exit': all('204'), // ends the session of the cookie it came with, and of nobody else
  'POST /api/caller/away': all('204'),
  'GET /api/line': all('200'),
  'GET /api/docs': all('200'),
  'GET /api/docs/openapi.json': all('200'),
  'GET /api/docs/asyncapi.json': all('200'),
  'POST /api/doors/:name': 'doors',
  'POST /api/media/webhook': all('403'), // no page has business there; tests/media has the media server's own
  'POST /api/means/callback': all('403'), // nor there; tests/means has what providers say
  'POST /api/means/twilio': all('403'),
  'POST /api/auth/*path': 'auth',
  'GET /api/auth/get-session': all('200'), // null for nobody; never a token
  'POST /api/auth/staff/lock': staff('401', '200'),
  'POST /api/auth/staff/active': staff('401', '403'), // those who are signed in were locked a row above
  'POST /api/auth/staff/sessions/end': all('400'), // without one; tests/auth/ownSessions has those with
  'POST /api/auth/staff/unlock': all('400'), // without a code; tests/auth/screenLock has those with one
};
/** What sign-in opens, asked with a wrong password and a wrong code. All else of the sign-in library is not there. */
const auth: Record<string, Cells> = {
  'GET /get-session': all('200'),
  'POST /sign-in/email': all('401'),
  'POST /two-factor/enable': staff('401', '400'),
  'POST /two-factor/verify-totp': staff('401', '401', '400'),
  'POST /two-factor/verify-backup-code': staff('401', '401', '400'),
  'POST /sign-out': all('200'),
};
const home = ['/staff/desk', '/staff/on-call', '/staff/board', '/staff/board', '/staff/enrol'] as const;
/** Every page. The staff pages turn everybody but their own away. */
const pages: Record<string, Cells> = {
  '/': all('200'),
  '/start': all('200'),
  '/code': all('200'),
  '/keep': all('200'),
  '/help': all('200'),
  '/talk': cells('/', '200', '/'),
  '/staff': cells('/staff/sign-in', '/staff/sign-in', ...home),
  '/staff/sign-in': cells('200', '200', ...home),
  '/staff/enrol': cells('/staff/sign-in', '/staff/sign-in', ...home.slice(0, 4), '200'),
  '/staff/soon': staff('/staff/sign-in', '200', '/staff/enrol'),
  '/staff/sessions': staff('/staff/sign-in', '200', '/staff/enrol'),
  '/staff/on-call': cells('/staff/sign-in', '/staff/sign-in', home[0], '200', '200', home[3], '/staff/enrol'),
  '/staff/roster': cells('/staff/sign-in', '/staff/sign-in', home[0], '200', '200', '200', '/staff/enrol'),
  '/staff/desk': cells('/staff/sign-in', '/staff/sign-in', '200', home[1], '200', ...home.slice(3)),
  '/staff/measures': cells('/staff/sign-in', '/staff/sign-in', ...home.slice(0, 2), '200', '200', '/staff/enrol'),
  '/staff/board': cells('/staff/sign-in', '/staff/sign-in', ...home.slice(0, 2), '200', '200', '/staff/enrol'),
};

let stack: Stack;
const who = {} as Record<Person, Visitor>;
beforeAll(async () => {
  stack = await startStack({ workers: 0, seed: true, env: raisedLimits });
  const demo: Partial<Record<Person, string>> = {
    peer: 'maya',
    clinician: 'ana',
    coordinator: 'rosa',
    administrator: 'sam',
  };
  for (const person of people) {
    who[person] = visitor(stack);
    if (person === 'caller') await who[person].consent();
    const name = demo[person];
    if (name) await who[person].signInAs(name);
  }
  const added = ['--email', 'new@demo.example', '--name', 'New', '--role', 'peer', '--role', 'administrator'];
  const said = await program(join(ROOT, 'server/src/cli/staff.ts'), stack.env, ['add', ...added]);
  await who.passwordOnly.signIn({ email: 'new@demo.example', password: /^ {2}(\S+)$/m.exec(said)?.[1] ?? '' });
});
afterAll(() => stack?.stop());

async function rowOf(ask: (v: Visitor, person: Person) => Promise<string>): Promise<Cells> {
  const row = {} as Cells;
  for (const person of people) row[person] = await ask(who[person], person);
  return row;
}
const wrong = { email: 'nobody@demo.example', password: 'not the password', code: '000000' };
const split = (route: string): [string, string] => route.split(' ') as [string, string];

test('[I15][S7] every mounted route, every call of sign-in and every page has a row', async () => {
  const line = await testLine();
  const { app, routes: mounted } = appWithRoutes(line.deps);
  const library = createAuth({
    pool: line.deps.pool,
    secret: line.deps.config.secret,
    origin: null,
    port: line.deps.config.port,
  });
  const calls = Object.values(
    library.api as Record<string, { path?: string; options?: { method?: string | string[] } }>,
  )
    .filter((e) => e.path)
    .flatMap((e) => [e.options?.method ?? 'POST'].flat().map((m) => `${m} ${e.path}`));
  await app.stop();
  await line.close();
  expect(mounted.sort()).toEqual(Object.keys(routes).sort());
  expect(pageRoutes()).toEqual(Object.keys(pages).sort());
  expect(calls.length).toBeGreaterThan(30);
  expect(Object.keys(auth).filter((route) => !calls.includes(route))).toEqual([]);
  const open: string[] = [];
  for (const route of calls) {
    const [method, path] = split(route);
    const at = `/api/auth${path.replace(/:\w+/g, 'x')}`;
    const answer = await who.peer.call(method, at, method === 'POST' ? {} : undefined);
    if ((answer.body as { refusal?: { code: string } } | null)?.refusal?.code !== 'door.unknown') open.push(route);
  }
  expect(open.sort()).toEqual(
    Object.keys(auth)
      .filter((r) => r !== 'POST /sign-out')
      .concat('POST /sign-out')
      .sort(),
  );
  await who.peer.signInAs('maya'); // one of those calls signed her out
});

test.each(Object.keys(pages))('[I15] page %s: every role', async (path) => {
  expect(
    await rowOf(async (v) => {
      const { status, location } = await v.get(path);
      return location ?? String(status);
    }),
  ).toEqual(pages[path]);
  if (path.startsWith('/staff') && path !== '/staff/sign-in') {
    const data = await who.nobody.get(`${path}/__data.json`);
    expect(data.body).toEqual({ type: 'redirect', status: 303, location: '/staff/sign-in' });
  }
});

const plain = Object.keys(routes).filter((r) => typeof routes[r] === 'object');
test.each(plain)('[I15] %s: every role', async (route) => {
  const [method, path] = split(route);
  if (path.startsWith('/api/caller/')) await who.caller.consent();
  expect(await rowOf(async (v) => String((await v.call(method, path)).status))).toEqual(routes[route]);
  if (path === '/api/caller/exit') {
    expect((await who.caller.get('/talk')).location).toBe('/');
    expect((await who.peer.get('/staff/desk')).status).toBe(200);
    await who.caller.consent();
  }
});

test.each(Object.keys(auth).filter((r) => r !== 'POST /sign-out'))('[I15] sign-in %s: every role', async (route) => {
  const [method, path] = split(route);
  const body = method === 'POST' ? wrong : undefined;
  expect(await rowOf(async (v) => String((await v.call(method, `/api/auth${path}`, body)).status))).toEqual(
    auth[route],
  );
});

test('[I15][S5] every door over HTTP: nobody is asked to sign in, a password alone is not enough', async () => {
  const code = async (v: Visitor, name: DoorName) => {
    const { status, body } = await v.door(name, inputOf(name, crypto.randomUUID(), crypto.randomUUID()));
    return `${status} ${(body as { refusal?: { code: string } }).refusal?.code ?? 'ok'}`;
  };
  for (const name of Object.keys(doors) as DoorName[]) {
    expect(await code(who.nobody, name), name).toBe('401 auth.required');
    expect(await code(who.passwordOnly, name), name).toBe('403 auth.factorRequired');
    const audience: readonly string[] = doors[name].for;
    if (!audience.includes('caller')) expect(await code(who.caller, name), name).toBe('401 auth.required');
    for (const role of ['peer', 'clinician', 'coordinator', 'administrator'] as const)
      if (!audience.includes(role)) expect(await code(who[role], name), name).toBe('403 access.denied');
  }
});

test('[I15][S8] sockets: only with the session that the page says it has, and only from our own pages', async () => {
  const opens = (as: string) =>
    rowOf(async (v) => {
      const open = await connect(v, as);
      open?.socket.close();
      return open ? 'open' : 'refused';
    });
  expect(await opens('caller')).toEqual(cells('refused', 'open', 'refused'));
  expect(await opens('staff')).toEqual(staff('refused', 'open', 'refused'));
  for (const as of ['system', 'administrator', '']) expect(await opens(as)).toEqual(all('refused'));
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1'])
    expect(await connect(who.caller, 'caller', { origin }), origin).toBeNull();
});

test('[I15] /calls, the way to a media server: where there is none nothing is there, over HTTP and for a socket', async () => {
  for (const path of ['/calls', '/calls/rtc', '/calls/rtc/v1/validate', '/calls/twirp/livekit.RoomService/ListRooms'])
    for (const method of ['GET', 'POST'])
      expect(await rowOf(async (v) => String((await v.call(method, path)).status)), path).toEqual(all('404'));
  const { port } = new URL(stack.url);
  for (const path of ['/calls/rtc', '/calls/rtc/v1', '//', '*'])
    expect(
      await rowOf(async (v) =>
        String((await upgrade(Number(port), path, { origin: stack.url, cookie: v.cookie() })).status),
      ),
      path,
    ).toEqual(all('0'));
  expect((await who.nobody.get('/healthz')).status).toBe(200);
});

test('[B25] no unsafe call of another page passes, whoever’s browser sends it', async () => {
  const unsafe = [
    ...plain.filter((r) => r.startsWith('POST')).map((r) => split(r)[1]),
    ...Object.keys(auth)
      .filter((r) => r.startsWith('POST'))
      .map((r) => `/api/auth${split(r)[1]}`),
    ...Object.keys(doors).map((name) => `/api/doors/${name}`),
  ];
  for (const path of unsafe)
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1']) {
      const { status, body } = await who.peer.call('POST', path, {}, { origin });
      expect({ status, code: (body as { refusal?: { code: string } } | null)?.refusal?.code }, path).toEqual({
        status: 403,
        code: 'origin.refused',
      });
    }
  for (const path of pageRoutes()) {
    const foreign = await who.caller.call('POST', path, new URLSearchParams({}), { origin: 'https://evil.example' });
    expect(foreign.status, path).toBe(403);
    expect(foreign.headers.getSetCookie(), path).toEqual([]);
  }
  expect((await who.peer.get('/staff/desk')).status).toBe(200); // and nobody was signed out by it
});

test('the numbers of an operator are not for those who come through the proxy', async () => {
  const line = await testLine({}, { HEARTHLINE_ORIGIN: 'https://line.example.org' });
  const { app } = appWithRoutes(line.deps);
  await new Promise<void>((done) => app.http.listen(0, '127.0.0.1', done));
  const { port } = app.http.address() as AddressInfo;
  const status = async (headers: Record<string, string>) =>
    (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).status;
  expect(await status({})).toBe(200);
  expect(await status({ 'x-forwarded-for': '203.0.113.7' })).toBe(404);
  await app.stop();
  await line.close();
});

test('[I15] signing out ends this session and no other', async () => {
  const twin = visitor(stack);
  await twin.signInAs('maya');
  expect(await rowOf(async (v) => String((await v.call('POST', '/api/auth/sign-out', {})).status))).toEqual(
    auth['POST /sign-out'],
  );
  for (const person of ['peer', 'clinician', 'coordinator', 'administrator', 'passwordOnly'] as const)
    expect((await who[person].get('/staff/soon')).location, person).toBe('/staff/sign-in');
  expect((await twin.get('/staff/desk')).status).toBe(200);
});
