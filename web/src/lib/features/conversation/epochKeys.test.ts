import { expect, test } from 'vitest';
import type { Connection } from '#lib/realtime/connection.svelte.ts';
import { EpochKeys } from './epochKeys.ts';

const raw = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
/** What answers is the door's own answer; `asked` counts. */
function keysOf(...epochs: number[]) {
  const given = { asked: 0 };
  const call = async () => {
    given.asked++;
    return { ok: true, value: { keys: epochs.map((epoch) => ({ epoch, key: raw(epoch) })) } };
  };
  return { given, keys: new EpochKeys({ call } as unknown as Connection, 'a conversation') };
}
const out = async (key: CryptoKey | null | 'never'): Promise<string> => {
  if (!(key instanceof CryptoKey)) return String(key);
  const empty = new Uint8Array();
  const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: empty, info: empty }, key, 256);
  return Buffer.from(bits).toString('hex');
};

test('a call keeps the root of its sound when the texts are closed: every room of the epochs it knew, nothing else', async () => {
  const { keys, given } = keysOf(1, 2);
  const [one, next] = [await out(await keys.media(2, 1)), await out(await keys.media(2, 2))];
  expect(next).not.toBe(one);
  const alone = keys.mediaAlone();
  keys.close();
  const { asked } = given;
  expect(await out(await alone.media(2, 1))).toBe(one);
  expect(await out(await alone.media(2, 2))).toBe(next); // a room that was opened since
  expect(await alone.media(3, 3)).toBeNull(); // an epoch that began since
  expect(given.asked).toBe(asked); // nothing is asked for behind a lock
  expect('get' in alone).toBe(false);
});

test('what was never had is not kept', async () => {
  expect(await keysOf(1).keys.mediaAlone().media(1, 1)).toBeNull();
});
