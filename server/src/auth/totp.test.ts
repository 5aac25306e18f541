import { expect, test } from 'vitest';
import { fromBase32, totp } from './totp.ts';

test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
])('RFC 6238 at %i s', (seconds, code) => {
  expect(totp(Buffer.from('12345678901234567890'), new Date(seconds * 1000)).code).toBe(code);
});
test('base32 of RFC 4648', () => expect(fromBase32('MZXW6YTBOI======').toString()).toBe('foobar'));
