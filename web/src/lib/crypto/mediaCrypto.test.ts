import { hkdfSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { importMediaRoot, mediaKey } from './mediaCrypto.ts';

const raw = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const root = importMediaRoot(raw.toString('base64'));
/** A key that derives says what it is by what comes out of it. */
const out = async (key: CryptoKey): Promise<string> => {
  const empty = new Uint8Array();
  const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: empty, info: empty }, key, 256);
  return Buffer.from(bits).toString('hex');
};
const sameElsewhere = (epochKey: Buffer, generation: number): string => {
  const derived = hkdfSync('sha256', epochKey, 'hearthline/media/1', `room ${generation}`, 32);
  return Buffer.from(hkdfSync('sha256', Buffer.from(derived), '', '', 32)).toString('hex');
};

test.each([
  [1, 'df55042c4d71bf675cc617bbd493c50fed4ceca7d94c7b46b12c353c96c99042'],
  [2, '3861406a3d46d7f288d09e57434b4e3ec158c1395e4e1c37fd33716dc410db9d'],
])('vector: room %i', async (generation, vector) => {
  expect(await out(await mediaKey(await root, generation))).toBe(vector);
});
test('another implementation of HKDF-SHA-256 derives the same', async () => {
  for (const generation of [1, 2, 1_000_000])
    expect(await out(await mediaKey(await root, generation))).toBe(sameElsewhere(raw, generation));
});
test('another room or another epoch is another key', async () => {
  const other = await importMediaRoot(Buffer.alloc(32, 7).toString('base64'));
  const keys = [await mediaKey(await root, 1), await mediaKey(await root, 2), await mediaKey(other, 1)];
  expect(new Set(await Promise.all(keys.map(out))).size).toBe(3);
});
test('neither the root nor a room key can be exported, and neither seals text', async () => {
  const key = await mediaKey(await root, 1);
  expect([(await root).extractable, key.extractable]).toEqual([false, false]);
  expect([...(await root).usages, ...key.usages].filter((u) => u === 'encrypt' || u === 'decrypt')).toEqual([]);
});
test.each([0, 16, 33])('a root of %i bytes is refused', async (bytes) => {
  await expect(async () => importMediaRoot(Buffer.alloc(bytes).toString('base64'))).rejects.toThrow('32 bytes');
});
