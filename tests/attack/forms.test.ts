import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inLanes } from '../load/ending.ts';
import { pageRoutes } from '../support/routes.ts';
import { ROOT, type Stack } from '../support/services.ts';
import { canary, oddTexts } from './generate.ts';
import { recordsOf } from './rows.ts';
import { caller, openStack, type Knocker } from './target.ts';

let stack: Stack;
let guest: Knocker;
beforeAll(async () => {
  stack = await openStack();
  guest = await caller(stack);
});
afterAll(() => stack?.stop());

type Sent = { what: string; status: number; text: string };
async function send(path: string, what: string, init: RequestInit): Promise<Sent> {
  const response = await fetch(stack.url + path, {
    redirect: 'manual',
    ...init,
    headers: { origin: stack.url, cookie: guest.visitor.cookie(), ...(init.headers as Record<string, string>) },
  });
  return { what: `${what} at ${path}`, status: response.status, text: await response.text() };
}
const bad = (found: Sent[]) =>
  found.filter((s) => s.status >= 500).map((s) => `${s.what}: ${s.status} ${s.text.slice(0, 80)}`);
const form = { 'content-type': 'application/x-www-form-urlencoded' };

const bodies: Record<string, RequestInit> = {
  'no body': {},
  'no boundary': { headers: { 'content-type': 'multipart/form-data' }, body: 'x' },
  'a boundary that never comes': {
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: `--y\r\n${canary}`,
  },
  'parts without a name': {
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\n\r\na\r\n--x--',
  },
  'half a part': {
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nContent-Disposition: form-data; name="code"',
  },
  'a file in place of a text': {
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: ['code', 'name', 'line', 'version', 'agreed']
      .map((n) => `--x\r\nContent-Disposition: form-data; name="${n}"; filename="${canary}"\r\n\r\n${canary}\r\n`)
      .join('')
      .concat('--x--\r\n'),
  },
  'JSON at a form': { headers: { 'content-type': 'application/json' }, body: '{"code":"a"}' },
  'text at a form': { headers: { 'content-type': 'text/plain' }, body: 'code=a' },
  'odd percents': { headers: form, body: 'code=%&name=%ff%fe&line=%u0041&version=%00' },
  'keys of a prototype': { headers: form, body: '__proto__=1&constructor=2&__proto__[x]=3&code[toString]=4' },
  'a thousand times one field': { headers: form, body: 'code=a&'.repeat(1000) },
  'ten thousand fields': { headers: form, body: Array.from({ length: 10_000 }, (_, n) => `k${n}=`).join('&') },
  'numbers that are none': { headers: form, body: 'version=1e309&line=riverbend&agreed=yes' },
  'a version of the future': {
    headers: form,
    body: `version=9007199254740993&line=riverbend&agreed=yes&name=${canary}`,
  },
};

test('[B2][B5][B6] bodies that are none at every page, with every form there is', async () => {
  const before = await recordsOf(stack.databaseUrl);
  const all = pageRoutes().flatMap((path) =>
    Object.entries(bodies).map(([what, init]) => ({ path, what, init: { method: 'POST', ...init } })),
  );
  const found = await inLanes(all, 8, ({ path, what, init }) => send(path, what, init));
  expect(bad(found)).toEqual([]);
  expect(found.filter((s) => s.status < 400).map((s) => `${s.what}: ${s.status}`)).toEqual([]);
  expect(await recordsOf(stack.databaseUrl)).toEqual(before);
});

test('[B3][B4][B7] odd texts in the fields of both forms: shown as text where they are shown, and no header is made of them', async () => {
  const all = oddTexts.flatMap(([row, what, text]) => [
    { path: '/start', what: `${row} ${what} as a name`, fields: { name: text, line: 'riverbend', version: '1' } },
    {
      path: '/start',
      what: `${row} ${what} as a line`,
      fields: { name: 'a', line: text, version: '1', agreed: 'yes' },
    },
    {
      path: '/start',
      what: `${row} ${what} as a version`,
      fields: { name: 'a', line: 'riverbend', version: text, agreed: 'yes' },
    },
    { path: '/code', what: `${row} ${what} as a code`, fields: { code: text } },
  ]);
  const found = await inLanes(all, 8, ({ path, what, fields }) =>
    send(path, what, { method: 'POST', headers: form, body: new URLSearchParams(fields) }),
  );
  expect(bad(found)).toEqual([]);
  for (const { what, text } of found) {
    expect(text, what).not.toContain(`<script>${canary}`);
    expect(text, what).not.toContain(`<svg onload=${canary}`);
    expect(text, what).not.toContain(`</style><style>*{display`);
  }
});

const { paths } = JSON.parse(readFileSync(join(ROOT, 'docs/api/openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, object>>;
};
const posts = Object.keys(paths).filter((path) => paths[path]?.['post']);

test('[B2][B5][B6] JSON of every kind at every route that takes some', async () => {
  const before = await recordsOf(stack.databaseUrl);
  const jsons = [
    'null',
    '[]',
    `"${canary}"`,
    '7',
    'true',
    '{"__proto__":{"email":"a","password":"b","code":"c"}}',
    `{"email":{"toString":"${canary}"},"password":["x"],"code":{"length":6}}`,
    `{"email":"${canary}@x.example","password":"${'p'.repeat(129)}","code":"${'1'.repeat(65)}"}`,
    '{"email":null,"password":null,"code":null}',
    `{"email":"' or 1=1 --","password":"' or 1=1 --","code":"' or 1"}`,
    `{"email":"a\\u0000@x.example","password":"\\u0000","code":"\\u0000"}`,
    `{"email":"a@x.example\\r\\nBcc: ${canary}@x.example","password":"\\ud800","code":"\\ud800"}`,
    '{"code":"000000","trustDevice":true,"disableRefresh":true,"rememberMe":true,"callbackURL":"https://evil.example"}',
    `{"code":"١٢٣٤٥٦"}`,
    '['.repeat(1900) + ']'.repeat(1900),
    '{"a":',
    '\u0000',
  ];
  const others = posts.filter((path) => !['/api/caller/exit', '/api/caller/away', '/api/auth/sign-out'].includes(path));
  const all = others.flatMap((path) => jsons.map((json) => ({ path, json })));
  const found = await inLanes(all, 8, ({ path, json }) =>
    send(path, json.slice(0, 60), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-as': canary },
      body: json,
    }),
  );
  expect(bad(found)).toEqual([]);
  expect(found.filter((s) => s.status < 400).map((s) => s.what)).toEqual([]);
  expect(found.filter((s) => s.text.includes(canary)).map((s) => s.what)).toEqual([]);
  expect(await recordsOf(stack.databaseUrl)).toEqual(before);
});

test('[B13] cookies that are none, at every page and route', async () => {
  const cookies = [
    'hl_staff=%',
    'hl_staff=%ff%fe.%',
    'hl_staff=a.b.c.d',
    `hl_staff=${'A'.repeat(32)}.${'A'.repeat(43)}=`,
    'hl_staff=__proto__; hl_caller=__proto__',
    'hl_staff="; hl_caller="',
    '=; ;;; =a',
    'hl_caller=a; hl_caller=b; hl_staff=a; hl_staff=b',
    `hl_caller=${'\u00ff'.repeat(43)}`,
    `hl_caller=' or 1=1 --`,
    `hl_staff_session_data=${Buffer.from('{"session":{}}').toString('base64')}; hl_staff_two_factor=x; hl_staff_trust_device=x`,
    `hl_caller=${'A'.repeat(12_000)}`,
  ];
  const gets = ['/api/auth/get-session', '/api/line', ...pageRoutes()];
  const all = cookies.flatMap((cookie) => [
    ...gets.map((path) => ({ path, cookie, init: {} })),
    ...posts.map((path) => ({ path, cookie, init: { method: 'POST', body: '{}' } })),
  ]);
  const found = await inLanes(all, 8, ({ path, cookie, init }) =>
    send(path, cookie.slice(0, 40), { ...init, headers: { cookie, 'content-type': 'application/json' } }),
  );
  expect(bad(found)).toEqual([]);
  const doors = found.filter((s) => s.what.includes(' at /api/doors/'));
  expect(doors.length).toBeGreaterThan(200);
  expect(doors.filter((s) => s.status !== 401).map((s) => `${s.what}: ${s.status}`)).toEqual([]);
  expect(found.filter((s) => / at \/staff\/(desk|board)/.test(s.what) && s.status === 200)).toEqual([]);
});

test('nothing of all that stopped the server, or stands in its log', () => {
  expect(stack.running('server1')).toBe(true);
  expect(stack.output()).not.toContain(canary);
  expect(stack.output()).not.toMatch(/"level":(50|60)/);
  expect(stack.output()).not.toMatch(/\n\s+at /); // no stack of an error
});
