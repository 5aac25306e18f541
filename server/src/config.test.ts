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
