import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const env = (secret?: string) => ({
  DATABASE_URL: 'postgresql://x/y',
  REDIS_URL: '/x',
  ...(secret === undefined ? {} : { HEARTHLINE_SECRET: secret }),
});

test.each([
  ['none', undefined],
  ['empty', ''],
  ['short', randomBytes(12).toString('base64')],
  ['one letter', 'x'.repeat(64)],
  ['a word again and again', 'secretsecretsecretsecretsecretsecret'],
  ['of a manual', 'please-change-me-to-something-random-4711'],
  ['called default', 'the default secret of this installation 1'],
])('[S39] a boot with a secret that is %s ends, and its value is not printed', (_what, secret) => {
  let said = '';
  try {
    readConfig(env(secret));
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toMatch(/HEARTHLINE_SECRET/);
  if (secret) expect(said).not.toContain(secret);
});

test('[S39] random secrets pass, in each form that the documents make them', () => {
  for (let n = 0; n < 200; n++)
    for (const form of ['base64', 'base64url', 'hex'] as const) {
      const secret = randomBytes(33).toString(form);
      expect(readConfig(env(secret)).secret, form).toBe(secret);
    }
});

const means = {
  HEARTHLINE_SMTP_URL: 'smtps://user:a-password@mail.example.org',
  HEARTHLINE_MAIL_FROM: 'line@example.org',
  HEARTHLINE_TWILIO_SID: 'AC1',
  HEARTHLINE_TWILIO_TOKEN: 'a token of the tests',
  HEARTHLINE_TWILIO_FROM: '+15550100000',
  HEARTHLINE_PAGE_WEBHOOK_URL: 'https://gateway.example.org/page',
  HEARTHLINE_PAGE_WEBHOOK_SECRET: 'a secret of the gateway',
  HEARTHLINE_VAPID_PRIVATE_KEY: randomBytes(32).toString('base64url'),
};
const withMeans = (over: Record<string, string | undefined>) => () =>
  readConfig({ ...env(randomBytes(33).toString('hex')), ...means, ...over });

test('ways to reach clinicians: all, none, and empty ones of a compose file', () => {
  expect(withMeans({})().means).toMatchObject({
    mail: { from: 'line@example.org' },
    twilio: { url: 'https://api.twilio.com' },
    webhook: { url: 'https://gateway.example.org/page' },
    push: { publicKey: expect.stringMatching(/^[\w-]{87}$/) as string, toLoopback: false },
  });
  const none = Object.fromEntries(Object.keys(means).map((name) => [name, '']));
  expect(withMeans(none)().means).toEqual({ mail: null, twilio: null, webhook: null, push: null });
});

test.each([
  ['HEARTHLINE_SMTP_URL', 'https://mail.example.org'],
  ['HEARTHLINE_SMTP_URL', ''],
  ['HEARTHLINE_MAIL_FROM', 'not an address'],
  ['HEARTHLINE_TWILIO_TOKEN', 'short'],
  ['HEARTHLINE_TWILIO_FROM', '5550100000'],
  ['HEARTHLINE_TWILIO_FROM', ''],
  ['HEARTHLINE_TWILIO_URL', 'http://twilio.example.org'],
  ['HEARTHLINE_PAGE_WEBHOOK_URL', 'http://10.0.0.1/page'],
  ['HEARTHLINE_PAGE_WEBHOOK_SECRET', ''],
  ['HEARTHLINE_VAPID_PRIVATE_KEY', 'A'.repeat(43)], // zero is no key
])('a boot with a wrong or half way to reach clinicians ends, named and not printed: %s', (name, value) => {
  expect(withMeans({ [name]: value })).toThrow(name);
  try {
    withMeans({ [name]: value })();
  } catch (error) {
    for (const secret of [value, ...Object.values(means)].filter((v) => v.length > 8))
      expect((error as Error).message).not.toContain(secret);
  }
});
