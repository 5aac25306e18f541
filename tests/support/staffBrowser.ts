import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase32, totp } from '@hearthline/server/auth/totp';
import type { Stack } from './services.ts';

export type Account = { email: string; password: string; secret: string };
export type Answered = { status: number; set: string[]; body: Record<string, unknown> | null };

export const accountsOf = (stack: Stack): Account[] =>
  JSON.parse(readFileSync(join(stack.dataDir, 'demo-accounts.json'), 'utf8')) as Account[];

/** The seeded demo account whose address begins with `name@`. */
export function accountOf(stack: Stack, name: string): Account {
  const found = accountsOf(stack).find((a) => a.email.startsWith(`${name}@`));
  if (!found) throw new Error(`no demo account ${name}`);
  return found;
}
export const codeOf = (secret: string): string => totp(fromBase32(secret), new Date()).code;
export const wrongCodeFor = (secret: string): string =>
  String((Number(codeOf(secret)) + 500_000) % 1_000_000).padStart(6, '0');

export type StaffBrowser = ReturnType<typeof staffBrowser>;

/** One browser of a staff member without its pages: keeps its cookies, and calls as our own pages do. */
export function staffBrowser(url: string, more: Record<string, string> = {}) {
  const cookies = new Map<string, string>();
  const header = () => [...cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  async function call(path: string, body?: unknown, at = url): Promise<Answered> {
    const response = await fetch(at + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { origin: at, cookie: header(), 'content-type': 'application/json', 'x-as': 'staff', ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    return {
      status: response.status,
      set: response.headers.getSetCookie(),
      body: (await response.json().catch(() => null)) as Record<string, unknown> | null,
    };
  }
  return {
    cookies,
    header,
    call,
    auth: (path: string, body?: unknown) => call(`/api/auth/${path}`, body),
    /** @returns the refusal's code, or 'ok'. */
    async door(name: string, input: unknown = {}, at = url): Promise<string> {
      const { body } = await call(`/api/doors/${name}`, input, at);
      return body?.['ok'] ? 'ok' : (body?.['refusal'] as { code: string }).code;
    },
    async signIn(who: Account, extra: object = {}) {
      await call('/api/auth/sign-in/email', { email: who.email, password: who.password, ...extra });
      return call('/api/auth/two-factor/verify-totp', { code: codeOf(who.secret), ...extra });
    },
  };
}
