import { fromBase32, totp } from '@hearthline/server/auth/totp';
import { readDemoAccounts } from '@hearthline/server/demo/demoAccounts';
import type { Stack } from './stack.ts';

export type Answer = { status: number; location: string | null; headers: Headers; text: string; body: unknown };
export type Visitor = ReturnType<typeof visitor>;

/** One browser without a screen: keeps its cookies and calls as our own pages do. It follows no redirect. */
export function visitor(stack: Pick<Stack, 'url' | 'dataDir'>, url = stack.url) {
  const cookies = new Map<string, string>();
  const header = () => [...cookies].map(([k, v]) => `${k}=${v}`).join('; ');

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const form = body instanceof URLSearchParams;
    const answer = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: {
        origin: url,
        cookie: header(),
        ...(body !== undefined && !form ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: answer.status,
      location: answer.headers.get('location'),
      headers: answer.headers,
      text,
      body: json && text ? (JSON.parse(text) as unknown) : null,
    };
  }

  return {
    url,
    call,
    cookie: header,
    get: (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers),
    door: (name: string, input: unknown, headers?: Record<string, string>) =>
      call('POST', `/api/doors/${name}`, input, headers),
    /** Password, then the one-time code where the account has one. */
    async signIn(account: { email: string; password: string; secret?: string | null }) {
      await call('POST', '/api/auth/sign-in/email', { email: account.email, password: account.password });
      if (account.secret)
        await call('POST', '/api/auth/two-factor/verify-totp', {
          code: totp(fromBase32(account.secret), new Date()).code,
        });
      if (!header().includes('hl_staff=')) throw new Error(`${account.email} could not sign in`);
    },
    /** One of the people of the demo, by the name before the @. */
    async signInAs(name: string) {
      const account = readDemoAccounts(stack.dataDir).find((a) => a.email.startsWith(`${name}@`));
      if (!account) throw new Error(`no demo account ${name}`);
      await this.signIn(account);
      return account;
    },
    /** Reads the line's text, agrees, and is a caller from then on. */
    async consent(name = '') {
      const line = (await call('GET', '/api/line')).body as {
        value: { config: { slug: string; consent: { version: number } } };
      };
      const { slug, consent } = line.value.config;
      await call(
        'POST',
        '/start',
        new URLSearchParams({ line: slug, version: String(consent.version), name, agreed: 'yes' }),
      );
      if (!header().includes('hl_caller=')) throw new Error('no caller session');
    },
  };
}
