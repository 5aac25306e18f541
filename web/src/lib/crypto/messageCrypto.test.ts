import { createDecipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { importEpochKey, openText, sealText, type Header } from './messageCrypto.ts';
import vectors from './messageCrypto.vectors.json' with { type: 'json' };

const header: Header = {
  conversationId: '11111111-1111-4111-8111-111111111111',
  epoch: 3,
  senderId: '22222222-2222-4222-8222-222222222222',
  clientId: '33333333-3333-4333-8333-333333333333',
};
const raw = Buffer.alloc(32, 7).toString('base64');

test.each(vectors)('vector: $text', async ({ key, iv, header: h, text, ciphertext }) => {
  const k = await importEpochKey(key);
  expect(await sealText(k, h, text, Uint8Array.from(Buffer.from(iv, 'base64')))).toEqual({ iv, ciphertext });
  expect(await openText(k, h, { iv, ciphertext })).toBe(text);
});
test('another implementation opens it: AES-256-GCM, the header as additional data, length and padding inside', async () => {
  const sealed = await sealText(await importEpochKey(raw), header, 'i keep setting two cups out');
  const bytes = Buffer.from(sealed.ciphertext, 'base64');
  const d = createDecipheriv('aes-256-gcm', Buffer.alloc(32, 7), Buffer.from(sealed.iv, 'base64'));
  d.setAAD(Buffer.from(`hearthline/1|${header.conversationId}|3|${header.senderId}|${header.clientId}`)).setAuthTag(
    bytes.subarray(-16),
  );
  const plain = Buffer.concat([d.update(bytes.subarray(0, -16)), d.final()]);
  expect(plain.length % 64).toBe(0);
  expect(plain.subarray(4, 4 + plain.readUInt32BE(0)).toString()).toBe('i keep setting two cups out');
});
test('[S29] a row moved to another conversation, epoch, sender or client id does not open, nor a changed one', async () => {
  const key = await importEpochKey(raw);
  const sealed = await sealText(key, header, 'hello');
  expect(await openText(key, header, sealed)).toBe('hello');
  const others: Partial<Header>[] = [
    { conversationId: header.senderId },
    { epoch: 4 },
    { senderId: header.clientId },
    { clientId: header.senderId },
  ];
  for (const other of others) expect(await openText(key, { ...header, ...other }, sealed)).toBeNull();
  const flipped = Buffer.from(sealed.ciphertext, 'base64');
  flipped[0] = (flipped[0] ?? 0) ^ 1;
  expect(await openText(key, header, { ...sealed, ciphertext: flipped.toString('base64') })).toBeNull();
});
test('[S29] two rows of one conversation with their ciphertexts or IVs swapped do not open', async () => {
  const key = await importEpochKey(raw);
  const other: Header = { ...header, clientId: '44444444-4444-4444-8444-444444444444' };
  const [a, b] = [await sealText(key, header, 'yes'), await sealText(key, other, 'no')];
  expect([await openText(key, header, a), await openText(key, other, b)]).toEqual(['yes', 'no']);
  expect([await openText(key, header, b), await openText(key, other, a)]).toEqual([null, null]);
  expect(await openText(key, header, { iv: b.iv, ciphertext: a.ciphertext })).toBeNull();
  expect(await openText(await importEpochKey(Buffer.alloc(32, 8).toString('base64')), header, a)).toBeNull();
});
test.each(['', 'AAAA', '!', 'AA='])('a row that is no ciphertext at all does not open: %j', async (junk) => {
  const key = await importEpochKey(raw);
  const sealed = await sealText(key, header, 'hello');
  expect(await openText(key, header, { ...sealed, ciphertext: junk })).toBeNull();
  expect(await openText(key, header, { ...sealed, iv: junk })).toBeNull();
});
test('a header whose fields could run into each other is refused', async () => {
  const key = await importEpochKey(raw);
  const mixed = { ...header, senderId: 'a|b', clientId: 'c' };
  await expect(sealText(key, mixed, 'hello')).rejects.toThrow('header');
  expect(await openText(key, mixed, await sealText(key, header, 'hello'))).toBeNull();
});
test('a key is 256 bits, stays inside, and never meets the same IV twice', async () => {
  for (const bytes of [0, 16, 24, 33])
    await expect(importEpochKey(Buffer.alloc(bytes).toString('base64'))).rejects.toThrow('32 bytes');
  const key = await importEpochKey(raw);
  expect(key.extractable).toBe(false);
  const ivs = await Promise.all(Array.from({ length: 200 }, async () => (await sealText(key, header, 'same')).iv));
  expect(new Set(ivs).size).toBe(200);
});
test.each([
  ['', 1],
  ['ok', 1],
  ['x'.repeat(60), 1],
  ['x'.repeat(61), 2],
])('length tells only the bucket: %j', async (text, buckets) => {
  const { ciphertext } = await sealText(await importEpochKey(raw), header, text);
  expect(Buffer.from(ciphertext, 'base64').length).toBe(buckets * 64 + 16);
});
