import { randomUUID } from 'node:crypto';
import { destroyConversationKeys, destroyRecordKey } from '@hearthline/server/keys/destroy';
import { createEpochKey, readEpochKeys } from '@hearthline/server/keys/epochKeys';
import { openKeyRing, type KeyRing } from '@hearthline/server/keys/keyRing';
import { readSealed, writeSealed } from '@hearthline/server/keys/recordKeys';
import { rotateKeys } from '@hearthline/server/keys/rotateKeys';
import { openPool, sqlOf, type Sql } from '@hearthline/server/storage/postgres/pool';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshDatabase, freshFolder } from '../support/services.ts';

const lineId = randomUUID();
const now = new Date('2026-03-01T23:59:59Z');
const later = (days: number) => new Date(now.getTime() + days * 86_400_000);
let sql: Sql, ring: KeyRing, dir: string, close: () => Promise<void>;
beforeEach(async () => {
  const database = await freshDatabase();
  const pool = openPool(database.url);
  dir = freshFolder('keys');
  sql = sqlOf(pool);
  ring = openKeyRing(dir);
  close = async () => {
    await pool.end();
    await database.drop();
  };
});
afterEach(() => close());

const epochsOf = async (id: string, which?: Parameters<typeof readEpochKeys>[3]) =>
  (await readEpochKeys(sql, ring, id, which)).map((k) => k.epoch);
const survey = (ownerId: string, field = 'words') => ({ ownerKind: 'survey', ownerId, field });
const write = (ownerId: string, field: string, text: string, at = now) =>
  writeSealed(sql, ring, { ...survey(ownerId, field), lineId, text, now: at });

test('every epoch has a key of its own, and only those asked for are handed out', async () => {
  const conversationId = randomUUID();
  for (const epoch of [1, 2, 3]) await createEpochKey(sql, ring, { conversationId, epoch, lineId, now });
  const keys = await readEpochKeys(sql, ring, conversationId);
  expect(new Set(keys.map((k) => k.key)).size).toBe(3);
  expect(keys.every((k) => Buffer.from(k.key, 'base64').length === 32)).toBe(true);
  expect(await epochsOf(conversationId, { fromEpoch: 2 })).toEqual([2, 3]);
  expect(await epochsOf(conversationId, { epochs: [1, 3, 9] })).toEqual([1, 3]);
  expect(await epochsOf(conversationId, { epochs: [] })).toEqual([]);
  expect(await epochsOf(randomUUID())).toEqual([]);
  await expect(createEpochKey(sql, ring, { conversationId, epoch: 3, lineId, now })).rejects.toThrow();
  await destroyConversationKeys(sql, conversationId);
  expect(await epochsOf(conversationId)).toEqual([]);
});

test('[S29] a wrapped key moved to another epoch does not open', async () => {
  const conversationId = randomUUID();
  for (const epoch of [1, 2]) await createEpochKey(sql, ring, { conversationId, epoch, lineId, now });
  await sql.query('update epoch_key a set wrapped = b.wrapped from epoch_key b where a.epoch = 2 and b.epoch = 1', []);
  await expect(readEpochKeys(sql, ring, conversationId, { epochs: [2] })).rejects.toThrow();
  expect(await epochsOf(conversationId, { epochs: [1] })).toEqual([1]);
});

test('a record has one data key, also when its fields are first written at the same time', async () => {
  const id = randomUUID();
  const fields = Array.from({ length: 12 }, (_, i) => `field${i}`);
  await Promise.all(fields.map((f) => write(id, f, `words of ${f} 🕯️`)));
  expect((await sql.query('select 1 from record_key', [])).rowCount).toBe(1);
  for (const f of fields) expect(await readSealed(sql, ring, survey(id, f))).toBe(`words of ${f} 🕯️`);
  await write(id, 'field0', 'better words');
  expect(await readSealed(sql, ring, survey(id, 'field0'))).toBe('better words');
  expect(await readSealed(sql, ring, survey(id, 'never'))).toBeNull();
  const { rows } = await sql.query<{ sealed: Buffer }>('select sealed from sealed_field', []);
  expect(rows.some((r) => r.sealed.includes('words'))).toBe(false);
});

test('a sealed field moved to another field or owner does not open; without its key there is none', async () => {
  const [id, other] = [randomUUID(), randomUUID()];
  await write(id, 'words', 'mine');
  await write(other, 'words', 'theirs');
  await sql.query(
    `insert into sealed_field select owner_kind, owner_id, 'copy', sealed, written_at from sealed_field`,
    [],
  );
  await expect(readSealed(sql, ring, survey(id, 'copy'))).rejects.toThrow();
  await sql.query(
    `update sealed_field a set sealed = b.sealed from sealed_field b where a.owner_id = $1 and b.owner_id = $2 and a.field = b.field`,
    [id, other],
  );
  await expect(readSealed(sql, ring, survey(id))).rejects.toThrow();
  await destroyRecordKey(sql, 'survey', other);
  expect(await readSealed(sql, ring, survey(other))).toBeNull();
});

test('[S30] rotation takes more than a batch, by two nodes at once, while keys are made; a second run changes nothing', async () => {
  const conversationId = randomUUID();
  for (let epoch = 1; epoch <= 510; epoch++) await createEpochKey(sql, ring, { conversationId, epoch, lineId, now });
  const id = randomUUID();
  await write(id, 'words', 'still here');
  const before = await readEpochKeys(sql, ring, conversationId);
  const tomorrow = later(1);
  const [a, b] = await Promise.all([
    rotateKeys(sql, ring, tomorrow),
    rotateKeys(sql, openKeyRing(dir), tomorrow),
    ...[511, 512].map((epoch) => createEpochKey(sql, ring, { conversationId, epoch, lineId, now: tomorrow })),
  ]);
  expect(a.moved + b.moved).toBe(511);
  expect(a.unreadable + b.unreadable).toBe(0);
  expect(await rotateKeys(sql, ring, tomorrow)).toEqual({ moved: 0, unreadable: 0, destroyed: 0 });
  expect(await rotateKeys(sql, ring, later(20))).toEqual({ moved: 513, unreadable: 0, destroyed: 2 });
  expect((await readEpochKeys(sql, openKeyRing(dir), conversationId)).slice(0, 510)).toEqual(before);
  expect(await readSealed(sql, openKeyRing(dir), survey(id))).toBe('still here');
});

test('[S30] a damaged row is counted, keeps its key of the day, and does not hold up the others', async () => {
  const conversationId = randomUUID();
  for (const epoch of [1, 2, 3]) await createEpochKey(sql, ring, { conversationId, epoch, lineId, now });
  await sql.query(`update epoch_key set wrapped = '\\x00' where epoch = 1`, []);
  expect(await rotateKeys(sql, ring, later(20))).toEqual({ moved: 2, unreadable: 1, destroyed: 0 });
  expect(ring.existing(lineId, '2026-03-01')).not.toBeNull();
  await sql.query('delete from epoch_key where epoch = 1', []);
  expect(await rotateKeys(sql, ring, later(20))).toEqual({ moved: 0, unreadable: 0, destroyed: 1 });
  expect(await epochsOf(conversationId)).toEqual([2, 3]);
});
