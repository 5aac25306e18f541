import { request, type IncomingHttpHeaders } from 'node:http';
import { socketPath } from '@hearthline/shared/contracts/socketEvents';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';

/** A header a kind of answer must have; null: must not be there. Every answer is asked for all of these. */
type Told = Record<string, string | null>;
const ofTransport = new Set([
  'date',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'etag',
  'vary',
]);
const ofContent = new Set(['content-type', 'content-encoding', 'accept-ranges', 'location', 'set-cookie']);
const ofFramework = /^x-sveltekit-/;

const base: Told = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};
const fromPages: Told = {
  ...base,
  'permissions-policy': 'geolocation=(), camera=(self), microphone=(self)',
  'cross-origin-opener-policy': 'same-origin',
};
const csp = (script: string) =>
  `default-src 'self'; worker-src 'self'; connect-src 'self'; img-src 'self' data:; object-src 'none'; script-src ${script}; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
const plainPage: Told = { ...fromPages, 'content-security-policy': csp("'self'") };
const scriptPage: Told = { ...fromPages, 'content-security-policy': csp("'self' 'nonce-…'") };
const api: Told = {
  ...base,
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};
const form = new URLSearchParams({ version: '1', line: 'not-there', agreed: 'yes', name: '' }).toString();

type Kind = { kind: string; ask: string; status: number; told: Told; body?: string; origin?: string; cookie?: RegExp };
const kinds: Kind[] = [
  { kind: 'page without script', ask: 'GET /', status: 200, told: plainPage },
  {
    // under no-referrer a browser calls the origin of a plain form "null"
    kind: 'page with a form and without script',
    ask: 'GET /start',
    status: 200,
    told: { ...plainPage, 'referrer-policy': 'same-origin' },
  },
  { kind: 'page with script', ask: 'GET /staff/sign-in', status: 200, told: scriptPage },
  { kind: 'error page', ask: 'GET /not-there', status: 404, told: scriptPage },
  { kind: 'page whose address is broken', ask: 'GET /%E0%A4%A', status: 400, told: scriptPage },
  { kind: 'redirect', ask: 'GET /talk', status: 303, told: fromPages },
  { kind: 'data of a page', ask: 'GET /__data.json', status: 200, told: fromPages },
  {
    kind: 'form that is refused',
    ask: 'POST /start',
    body: form,
    status: 404,
    told: { ...scriptPage, 'referrer-policy': 'same-origin', 'content-security-policy': csp("'self'") },
  },
  {
    kind: 'form of another page',
    ask: 'POST /start',
    body: form,
    origin: 'https://evil.example',
    status: 403,
    told: base,
  },
  { kind: 'API answer', ask: 'GET /api/docs', status: 200, told: api },
  { kind: 'API refusal', ask: 'POST /api/doors/desk.view', body: '{}', status: 401, told: api },
  { kind: 'API that is not there', ask: 'GET /api/not-there', status: 404, told: api },
  {
    kind: 'API call of another page',
    ask: 'POST /api/doors/desk.view',
    body: '{}',
    origin: 'https://evil.example',
    status: 403,
    told: api,
  },
  {
    kind: 'quick exit',
    ask: 'POST /api/caller/exit',
    status: 204,
    told: { ...api, 'clear-site-data': '"cache", "storage"' },
    cookie:
      /^(__Host-)?hl_caller=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly;( Secure;)? SameSite=Strict$/,
  },
  {
    kind: 'asset',
    ask: 'GET asset',
    status: 200,
    told: { ...base, 'cache-control': 'public,max-age=31536000,immutable' },
  },
  {
    kind: 'asset that is not there',
    ask: 'GET /_app/immutable/not-there.js',
    status: 404,
    told: { ...base, 'cache-control': 'public, max-age=0, must-revalidate' },
  },
  { kind: 'health', ask: 'GET /healthz', status: 200, told: base },
  { kind: 'readiness', ask: 'GET /readyz', status: 200, told: base },
  { kind: 'socket handshake that is none', ask: `GET ${socketPath}/?EIO=4&transport=polling`, status: 400, told: {} },
];

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };
/** Unlike fetch it can say which host it means, as a proxy does. */
function call(
  stack: Stack,
  address: string,
  { ask, body, origin = address }: Kind | Omit<Kind, 'kind' | 'told' | 'status'>,
) {
  const [method = '', path = ''] = ask.split(' ');
  const { port } = new URL(stack.url);
  const behindProxy = address.startsWith('https:');
  return new Promise<Answer>((done, fail) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: {
        host: new URL(address).host,
        origin,
        accept: path.startsWith('/api') ? 'application/json' : 'text/html',
        ...(behindProxy ? { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' } : {}),
        ...(body === undefined
          ? {}
          : { 'content-type': path.startsWith('/api') ? 'application/json' : 'application/x-www-form-urlencoded' }),
      },
    });
    sent.on('error', fail).on('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        done({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() }),
      );
    });
    sent.end(body);
  });
}

const places = [
  { name: 'on one machine over http', env: {}, address: null },
  {
    name: 'behind a proxy over https',
    env: { HEARTHLINE_ORIGIN: 'https://line.example.org', HEARTHLINE_TRUST_PROXY: '1', HEARTHLINE_DEMO: '1' },
    address: 'https://line.example.org',
  },
];
describe.each(places)('$name', ({ env, address }) => {
  let stack: Stack;
  let at: string;
  let asset: string;
  beforeAll(async () => {
    stack = await startStack({ workers: 0, seed: true, env: { ...raisedLimits, ...env } });
    at = address ?? stack.url;
    const page = await call(stack, at, { ask: 'GET /' });
    asset = `/${/_app\/immutable\/[^"')]+/.exec(page.body)?.[0]}`;
  });
  afterAll(() => stack?.stop());
  const overHttps = address !== null;
  const hsts = 'max-age=31536000; includeSubDomains';

  test.each(kinds)('[S6][S23][S24] headers of: $kind', async ({ told, status, cookie, ...kind }) => {
    const answer = await call(stack, at, { ...kind, ask: kind.ask.replace(/asset$/, asset) });
    const shown = Object.fromEntries(
      Object.entries(answer.headers)
        .filter(([name]) => !ofTransport.has(name) && !ofContent.has(name) && !ofFramework.test(name))
        .map(([name, value]) => [name, String(value).replace(/'nonce-[A-Za-z0-9+/=]{22,}'/, "'nonce-…'")]),
    );
    const withTransport =
      overHttps && Object.keys(told).length > 0 ? { ...told, 'strict-transport-security': hsts } : told;
    expect({ status: answer.status, ...shown }).toEqual({ status, ...withTransport });
    const set = answer.headers['set-cookie'] ?? [];
    expect(set.length).toBe(cookie ? 1 : 0);
    if (!cookie) return;
    expect(set[0]).toMatch(cookie);
    expect([set[0]?.startsWith('__Host-'), set[0]?.includes('; Secure')]).toEqual([overHttps, overHttps]);
  });

  test('[S24] the nonce of a page is new each time, and every script of the page has it', async () => {
    const nonces = new Set<string>();
    for (let n = 0; n < 3; n++) {
      const { headers, body } = await call(stack, at, { ask: 'GET /staff/sign-in' });
      const nonce = /'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1] ?? '';
      const inline = [...body.matchAll(/<script(?![^>]*\bsrc=)([^>]*)>/g)].map((m) => m[1]);
      expect(inline.length).toBeGreaterThan(0);
      for (const attributes of inline) expect(attributes).toContain(`nonce="${nonce}"`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });

  test('[S6][S11] the cookie of a caller is a session cookie that only our own pages send back', async () => {
    const line = JSON.parse((await call(stack, at, { ask: 'GET /api/line' })).body) as {
      value: { config: { slug: string; consent: { version: number } } };
    };
    const { slug, consent } = line.value.config;
    const body = new URLSearchParams({
      line: slug,
      version: String(consent.version),
      agreed: 'yes',
      name: '',
    }).toString();
    const { status, headers } = await call(stack, at, { ask: 'POST /start', body });
    expect([status, headers.location]).toEqual([303, '/talk']);
    const [cookie = '', ...more] = headers['set-cookie'] ?? [];
    expect(more).toEqual([]);
    const [pair = '', ...attributes] = cookie.split('; ');
    expect(pair).toMatch(overHttps ? /^__Host-hl_caller=[\w-]{43}$/ : /^hl_caller=[\w-]{43}$/); // 256 bits
    expect(attributes.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', ...(overHttps ? ['Secure'] : [])]);
  });
});
