import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inLanes } from '../load/ending.ts';
import { pageRoutes } from '../support/routes.ts';
import { ROOT, type Stack } from '../support/services.ts';
import { canary } from './generate.ts';
import { raw, request, type Raw } from './rawHttp.ts';
import { recordsOf } from './rows.ts';
import { caller, openStack, type Knocker } from './target.ts';

let stack: Stack;
let guest: Knocker;
beforeAll(async () => {
  stack = await openStack();
  guest = await caller(stack);
});
afterAll(() => stack?.stop());

type Route = { method: string; path: string };
const { paths } = JSON.parse(readFileSync(join(ROOT, 'docs/api/openapi.json'), 'utf8')) as {
  paths: Record<string, object>;
};
/** Every route of the documents, which are checked against the contracts, and every page. */
const api: Route[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
);
const pages: Route[] = pageRoutes().map((path) => ({ method: 'GET', path }));
const routes = [...api, ...pages];
const posts = api.filter((r) => r.method === 'POST');
/** They take nothing from a body and look at none. */
const bodyless = ['/api/caller/exit', '/api/caller/away', '/api/auth/sign-out', '/api/auth/staff/lock'];
const ofHealth = ['/healthz', '/readyz', '/metrics'];

type Case = { what: string; bytes: string; route: Route };
/** Sends all of them, eight at once. @returns what was not answered as it should be. */
async function oddOnes(cases: Case[], fine: (answer: Raw, route: Route) => boolean): Promise<string[]> {
  const found = await inLanes(cases, 8, async ({ what, bytes, route }) => {
    const answer = await raw(stack.url, bytes);
    const echoed = answer.text.includes(canary) ? ' echoed' : '';
    return fine(answer, route) && !echoed
      ? []
      : [`${what} at ${route.method} ${route.path}: ${answer.status}${echoed}`];
  });
  return found.flat();
}
const refused = ({ status }: Raw): boolean => status >= 400 && status < 500;
const closing = { Connection: 'close' };
const cookie = (): Record<string, string> => ({ Cookie: guest.visitor.cookie() });
const each = (of: Route[], make: (route: Route) => Record<string, string>): Case[] =>
  of.flatMap((route) => Object.entries(make(route)).map(([what, bytes]) => ({ what, bytes, route })));

test('[B24] another method, by its name or by a header', async () => {
  const others = ['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'BREW'];
  const cases = each(api, ({ method, path }) =>
    Object.fromEntries(
      [...others, method === 'GET' ? 'POST' : 'GET'].map((m) => [
        m,
        request(stack.url, m, path, { headers: { ...closing, ...cookie() } }),
      ]),
    ),
  ).filter(({ what, route }) => !(what === 'GET' && route.path === '/api/auth/get-session'));
  cases.push(
    ...each(posts, ({ path }) => ({
      override: request(stack.url, 'GET', path, {
        headers: { ...closing, 'X-HTTP-Method-Override': 'POST', 'X-Method-Override': 'POST', _method: 'POST' },
      }),
    })),
  );
  expect(await oddOnes(cases, refused)).toEqual([]);
  const atPages = each(pages, ({ path }) =>
    Object.fromEntries(others.map((m) => [m, request(stack.url, m, path, { headers: { ...closing, ...cookie() } })])),
  );
  expect(await oddOnes(atPages, refused)).toEqual([]);
});

test('[B24] a body that is no JSON by its name is not read as one', async () => {
  const before = await recordsOf(stack.databaseUrl);
  const body = '{}';
  const types = {
    text: 'text/plain',
    form: 'application/x-www-form-urlencoded',
    none: null,
    odd: `${canary}/x; q=")`,
    xml: 'text/xml',
  };
  const cases = each(
    posts.filter((r) => !bodyless.includes(r.path)),
    ({ path }) =>
      Object.fromEntries(
        Object.entries(types).map(([what, type]) => [
          what,
          request(stack.url, 'POST', path, { body, headers: { ...closing, ...cookie(), 'Content-Type': type } }),
        ]),
      ),
  );
  expect(await oddOnes(cases, refused)).toEqual([]);
  expect(await recordsOf(stack.databaseUrl)).toEqual(before);
});

test('[B24] a name that is not ours, none, two, or one in the line of the request', async () => {
  const evil = `${canary}.example`;
  const cases = each(
    routes.filter((r) => !ofHealth.includes(r.path)),
    ({ method, path }) => {
      const of = (headers: Record<string, string | string[] | null>, at = path, version = '1.1') =>
        request(stack.url, method, at, { version, headers: { ...closing, ...headers } });
      return {
        'another name': of({ Host: evil }),
        'another port': of({ Host: '127.0.0.1:1' }),
        'no name': of({ Host: null }),
        'no name in HTTP/1.0': of({ Host: null }, path, '1.0'),
        'two names': of({ Host: [new URL(stack.url).host, evil] }),
        'a forwarded name alone': of({ Host: evil, 'X-Forwarded-Host': new URL(stack.url).host }),
        'an absolute address': of({}, `http://${evil}${path}`),
        'an absolute address of ours': of({}, `${stack.url}${path}`),
        'a version that is not there': of({}, path, '9.9'),
      };
    },
  );
  expect(await oddOnes(cases, refused)).toEqual([]);
  const forwarded = {
    'X-Forwarded-Host': evil,
    'X-Forwarded-Proto': `${canary}`,
    Forwarded: `host=${evil}`,
    'X-Original-URL': `/${canary}`,
  };
  const ignored = each(pages, ({ path }) => ({
    forwarded: request(stack.url, 'GET', path, { headers: { ...closing, ...forwarded } }),
  }));
  expect(await oddOnes(ignored, ({ status }) => status < 400)).toEqual([]);
});

test('[B24] paths that are none lead nowhere else', async () => {
  const odd = [
    '/%ff',
    '/%c0%ae%c0%ae/',
    '/%00',
    `//${canary}.example/`,
    `//${canary}.example/%2e%2e`,
    `/\\${canary}.example/`,
    '/%2e%2e/%2e%2e/etc/passwd',
    '/../../etc/passwd',
    '/api/doors/%ff',
    '/api/doors/__proto__',
    '/api/doors/constructor',
    '/api/doors/toString',
    '/api/doors/caller.view%00',
    '/api/doors/..%2fauth%2fsign-out',
    '/api/auth/%2e%2e/doors/caller.view',
    '/api/auth/sign-up/email',
    `/_app/${'../'.repeat(20)}etc/passwd`,
    '/live/%ff',
    `/${'a'.repeat(9000)}`,
    `/${'a'.repeat(40_000)}`,
  ];
  for (const method of ['GET', 'POST'])
    for (const path of odd) {
      const answer = await raw(stack.url, request(stack.url, method, path, { headers: { ...closing, ...cookie() } }));
      expect(
        refused(answer) || (answer.status === 0 && path.length > 30_000),
        `${method} ${path.slice(0, 60)}: ${answer.status} ${answer.text.slice(0, 200)}`,
      ).toBe(true);
      expect(/^location:/im.test(answer.text), path.slice(0, 60)).toBe(false);
    }
  for (const line of ['*', canary, 'http:', '?x'])
    for (const method of ['GET', 'POST', 'OPTIONS'])
      expect(
        refused(await raw(stack.url, request(stack.url, method, line, { headers: closing }))),
        `${method} ${line}`,
      ).toBe(true);
});

test('[B5] keys of a prototype in a query are words like any other', async () => {
  for (const query of [
    'a[__proto__][x]=1',
    '__proto__=1',
    '__proto__[x]=1',
    'constructor[prototype][x]=1',
    'line[toString]=1',
    'line=a&line=b',
  ]) {
    const answers = await Promise.all(
      ['/', '/start', '/code', '/api/line', '/healthz'].map((path) => guest.visitor.get(`${path}?${query}`)),
    );
    for (const { status } of answers) expect(status, query).toBeLessThan(500);
  }
  expect((await guest.visitor.door('caller.view', {})).status).toBe(200);
});

test('[B1][B24] heads that contradict themselves: refused and closed, and nothing behind them is read', async () => {
  const behind = `GET /api/line HTTP/1.1\r\nHost: ${new URL(stack.url).host}\r\n\r\n`;
  const cases = each([...posts, ...pages.map((p) => ({ ...p, method: 'POST' }))], ({ path }) => {
    const of = (headers: Record<string, string | string[] | null>, body = '') =>
      request(stack.url, 'POST', path, { headers, body });
    return {
      'a length and chunks': of({ 'Content-Length': '4', 'Transfer-Encoding': 'chunked' }, `0\r\n\r\n${behind}`),
      'chunks and a length': of(
        { 'Content-Length': null, 'Transfer-Encoding': 'chunked', 'content-length': '4' },
        `0\r\n\r\n${behind}`,
      ),
      'two lengths': of({ 'Content-Length': ['2', '5'] }, `{}${behind}`),
      'a length with a sign': of({ 'Content-Length': '+2' }, `{}${behind}`),
      'a negative length': of({ 'Content-Length': '-1' }, behind),
      'a length in hex': of({ 'Content-Length': '0x2' }, `{}${behind}`),
      'a coding that is none': of({ 'Content-Length': null, 'Transfer-Encoding': 'xchunked' }, `0\r\n\r\n${behind}`),
      'chunked, but not last': of(
        { 'Content-Length': null, 'Transfer-Encoding': 'chunked, identity' },
        `0\r\n\r\n${behind}`,
      ),
      'a chunk without a size': of(
        { 'Content-Length': null, 'Transfer-Encoding': 'chunked' },
        `zz\r\n{}\r\n0\r\n\r\n${behind}`,
      ),
      'a space before the colon': of({ 'Content-Length': null, 'Content-Length ': '2' }, `{}${behind}`),
      'a NUL in a head': of({ 'X-A': `a\0${canary}` }, behind),
      'a bare line feed': `POST ${path} HTTP/1.1\nHost: x\n\n${behind}`,
      'no HTTP at all': `\x16\x03\x01\x02${canary}\r\n\r\n${behind}`,
      '64 KB of cookie': of({ Cookie: `hl_caller=${'A'.repeat(65_536)}` }),
      '2 000 heads': of(Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`X-${i}`, 'a'.repeat(8)]))),
    };
  });
  expect(
    await oddOnes(
      cases,
      (a, { path }) =>
        a.closed && a.answers <= 1 && (refused(a) || a.status === 0 || (a.status === 204 && bodyless.includes(path))),
    ),
  ).toEqual([]);
});

test('[B1] a body at its limit, one byte more, and far more', async () => {
  const of = (path: string, length: number, type = 'application/json') =>
    request(stack.url, 'POST', path, {
      headers: { ...closing, ...cookie(), 'Content-Type': type },
      body: `{"${canary}":"${'x'.repeat(length - canary.length - 7)}"}`,
    });
  const limits: [path: string, limit: number][] = [
    ...posts.filter((r) => r.path.startsWith('/api/doors/')).map((r): [string, number] => [r.path, 65_536]),
    ['/api/caller/consent', 4096],
    ['/api/caller/return', 4096],
    ['/api/auth/sign-in/email', 4096],
    ['/api/auth/two-factor/verify-totp', 4096],
  ];
  for (const [path, limit] of limits) {
    expect([400, 401], `${path} at its limit`).toContain((await raw(stack.url, of(path, limit))).status);
    for (const length of [limit + 1, 1_000_000])
      expect((await raw(stack.url, of(path, length))).status, path).toBe(413);
  }
  for (const path of ['/start', '/code', '/', '/staff/sign-in'])
    expect(refused(await raw(stack.url, of(path, 1_000_000, 'application/x-www-form-urlencoded'))), path).toBe(true);
});

test('[B25] forms, fetches and frames of other pages are refused, with the cookies of the person', async () => {
  const before = await recordsOf(stack.databaseUrl);
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const foreign: Record<string, Record<string, string | string[] | null>> = {
    'another origin': { Origin: `https://${canary}.example` },
    'a null origin': { Origin: 'null' },
    'our name over https': { Origin: stack.url.replace('http', 'https') },
    'our name and more': { Origin: `${stack.url}.${canary}.example` },
    'two origins': { Origin: [stack.url, 'https://x.example'] },
    'no origin': { Origin: null },
    'no origin, another site': { Origin: null, 'Sec-Fetch-Site': 'cross-site' },
    'no origin, a sibling': { Origin: null, 'Sec-Fetch-Site': 'same-site' },
    'our referrer alone': { Origin: null, Referer: `${stack.url}/start` },
  };
  const cases = each([...posts, ...pages.map((p) => ({ ...p, method: 'POST' }))], ({ path }) =>
    Object.fromEntries(
      Object.entries(foreign).map(([what, headers]) => [
        what,
        request(stack.url, 'POST', path, {
          headers: { ...closing, ...cookie(), ...(path.startsWith('/api') ? {} : form), ...headers },
          body: path.startsWith('/api') ? '{}' : 'agreed=yes&version=1&line=riverbend&code=a',
        }),
      ]),
    ),
  );
  expect(await oddOnes(cases, ({ status }) => status === 403)).toEqual([]);
  expect(await recordsOf(stack.databaseUrl)).toEqual(before);
});

test('nothing of all that stopped the server, or stands in its log', async () => {
  expect(stack.running('server1')).toBe(true);
  expect(stack.output()).not.toContain(canary);
  expect(stack.output()).not.toMatch(/"level":(50|60)/);
  expect((await guest.visitor.door('caller.view', {})).status).toBe(200);
});
