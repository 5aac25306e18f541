import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { networkOf } from './cookies.ts';

const key = Buffer.alloc(32, 1);
const direct = (remoteAddress: string) =>
  networkOf({ headers: {}, socket: { remoteAddress } } as IncomingMessage, { trustProxy: false }, key);

test.each([
  ['203.0.113.7', '203.0.113.200', true],
  ['203.0.113.7', '::ffff:203.0.113.9', true],
  ['203.0.113.7', '203.0.114.7', false],
  ['2001:db8:1:2::1', '2001:db8:1:2ff:a:b:c:d', false],
  ['2001:db8:1:200::1', '2001:0db8:0001:02ff:1:2:3:4', true],
  ['2001:db8::1', '2001:db8:0:0:9::', true],
  ['2001:db8::1', '2001:db8::1:0:0:0:1', true],
  ['fe80::1%eth0', 'fe80::2', true],
])('[B21] %s and %s are one network: %s', (a, b, same) => expect(direct(a) === direct(b)).toBe(same));

test('[S9] a forwarded address counts only behind our own proxy, and only its last hop', () => {
  const req = {
    headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' },
    socket: { remoteAddress: '10.0.0.2' },
  } as unknown as IncomingMessage;
  expect(networkOf(req, { trustProxy: true }, key)).toBe(direct('203.0.113.1'));
  expect(networkOf(req, { trustProxy: false }, key)).toBe(direct('10.0.0.1'));
});
