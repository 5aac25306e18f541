import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { newDataKey, unwrap, wrap, wrapBytes } from './wrap.ts';

const kek = newDataKey();
const aad = 'epoch|11111111-1111-4111-8111-111111111111|1';

test('a wrapped key comes back, and is never wrapped to the same bytes twice', () => {
  const key = newDataKey();
  expect(unwrap(kek, wrap(kek, key, aad), aad)).toEqual(key);
  expect(wrap(kek, key, aad)).not.toEqual(wrap(kek, key, aad));
});
test('every changed byte, another key and another owner are refused', () => {
  const wrapped = wrap(kek, newDataKey(), aad);
  for (let i = 0; i < wrapped.length; i++) {
    const changed = Buffer.from(wrapped);
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(() => unwrap(kek, changed, aad)).toThrow();
  }
  expect(() => unwrap(newDataKey(), wrapped, aad)).toThrow();
  expect(() => unwrap(kek, wrapped, aad.replace('|1', '|2'))).toThrow();
});
test('a cut row is refused at every length, also when what is left of the tag is right', () => {
  const wrapped = wrap(kek, newDataKey(), aad);
  for (let n = 0; n < wrapped.length; n++) expect(() => unwrap(kek, wrapped.subarray(0, n), aad)).toThrow();
  const iv = Buffer.alloc(12, 1);
  const cipher = createCipheriv('aes-256-gcm', kek, iv).setAAD(Buffer.from(aad));
  cipher.final();
  const empty = Buffer.concat([Buffer.from([1]), iv, cipher.getAuthTag()]);
  expect(empty.length).toBe(wrapBytes);
  expect(unwrap(kek, empty, aad)).toHaveLength(0);
  expect(() => unwrap(kek, empty.subarray(0, -8), aad)).toThrow('too short');
});
