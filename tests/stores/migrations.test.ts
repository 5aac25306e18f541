import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrateAuth } from '@hearthline/server/auth/auth';
import { readConfig } from '@hearthline/server/config';
import { migrate } from '@hearthline/server/storage/postgres/migrate';
import { openPool } from '@hearthline/server/storage/postgres/pool';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, freshDatabase, freshFolder, program, programEnv } from '../support/services.ts';

const folder = join(ROOT, 'server/src/storage/postgres/migrations');
/**
 * A migration that has run somewhere is never changed: what is to be otherwise is a new file. A new file gets its row
 * here, with the sum that this test prints.
 */
const written: Record<string, string> = {
  '0001_start.sql': 'bfd584d656d9074905ee774edc6a2280ad7885e0c03203fe5ffffd18d39fdb47',
  '0002_requestEnd.sql': '79ad11479b324e121643f48e89da1fd19c1504b7b097d6a567ab008383b87347',
  '0003_indexes.sql': '2be381ad1e59b46118f3e5f362e383f7d29bcf4e2141e6f746f721c0ed8737ef',
  '0004_messages.sql': '08dc5ea2755cdf003039e4d0ad1c432765c0f9a754f68c31faac13cc91a6645b',
  '0005_dueTries.sql': 'ba00dcea1e2d6f4f10fe54a5eece9e3c2cc4a8b497421375b508a03b08c18ab0',
  '0006_calls.sql': '6818e96e3491ecd147f41fe517f335ebc23f45af1d45ef5e71ef328735183e44',
  '0007_phone.sql': '7835da4f2cf7fe6201c5537d2917eb4f46e2538c5647fc0181393c9c98ba5c4e',
  '0008_escalation.sql': '2b4385e658030b2a08d67b9abe9c4bff1fde118a7b0afdada6248a6dc07a0cfe',
  '0009_invitations.sql': '6ab71210ad00725527045536182b8f5b24bbd72bf436609dff6cd3147dcafff6',
  '0010_measures.sql': '11320d05ead0e9d346ccdd7cab1ebc8aea9166e6e614527fc5272a0099964b0c',
  '0011_joined.sql': 'f3f7bf9f72e9640e84b86b6911315a9c693ad877a695f4fd80d0ea97982451b1',
  '0012_disclosure.sql': '705871f3d32fd8008b972df8da4952d9e1df1a5e1cca06bff1537ba24b42d1ca',
};

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, 4);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Everything that a migration can make, in words. */
async function shape(): Promise<unknown[]> {
  const { rows } = await pool.query<{ kind: string; what: string }>(`
    select 'column' as kind, format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as what
      from information_schema.columns where table_schema = 'public'
    union all select 'index', indexdef from pg_indexes where schemaname = 'public'
    union all select 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
    union all select 'function', pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace
    union all select 'trigger', pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
    union all select 'sequence', sequence_name from information_schema.sequences where sequence_schema = 'public'
    union all select 'comment', relname || ' ' || obj_description(oid) from pg_class where relnamespace = 'public'::regnamespace and obj_description(oid) is not null
    union all select 'ran', name from kysely_migration
    order by 1, 2`);
  return rows;
}

test('migrations are append-only and numbered without a gap', () => {
  const files = readdirSync(folder).sort();
  const sums = Object.fromEntries(
    files.map((f) => [
      f,
      createHash('sha256')
        .update(readFileSync(join(folder, f)))
        .digest('hex'),
    ]),
  );
  expect(sums).toEqual(written);
  files.forEach((f, i) => expect(f).toMatch(new RegExp(`^${String(i + 1).padStart(4, '0')}_[a-zA-Z]+\\.sql$`)));
});

test('run again, they change nothing; two starts at once are one', async () => {
  const before = await shape();
  expect(before.length).toBeGreaterThan(200);
  expect(await migrate(pool)).toEqual([]);
  expect(await Promise.all([migrate(pool), migrate(pool)])).toEqual([[], []]);
  const place = { databaseUrl: database.url, redisUrl: '/nowhere', folder: freshFolder() };
  await migrateAuth(readConfig(programEnv(place)), pool);
  await program(join(ROOT, 'server/src/cli/migrate.ts'), programEnv(place));
  expect(await shape()).toEqual(before);
});

test('an empty database that two starts meet at once becomes the same', async () => {
  const before = await shape();
  await pool.query('drop schema public cascade');
  await pool.query('create schema public');
  const place = { databaseUrl: database.url, redisUrl: '/nowhere', folder: freshFolder() };
  const ran = await Promise.all([migrate(pool), migrate(pool)]);
  expect(ran.flat().sort()).toEqual(Object.keys(written));
  await migrateAuth(readConfig(programEnv(place)), pool);
  expect(await shape()).toEqual(before);
});
