import { readdir, readFile } from 'node:fs/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type pg from 'pg';

const folder = new URL('./migrations/', import.meta.url);

/** Runs the numbered .sql files that have not run yet, each once, in order; a lock in the database keeps two starts apart. */
export async function migrate(pool: pg.Pool): Promise<string[]> {
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const files = (await readdir(folder)).filter((f) => f.endsWith('.sql')).sort();
  const migrator = new Migrator({
    db,
    provider: {
      async getMigrations() {
        const entries = await Promise.all(
          files.map(async (f) => {
            const text = await readFile(new URL(f, folder), 'utf8');
            // users are never kept waiting by a migration: it gives up on a lock instead (F37)
            return [
              f,
              {
                up: async (tx: Kysely<unknown>) =>
                  void (await sql.raw(`set local lock_timeout = '2s';\n${text}`).execute(tx)),
              },
            ] as const;
          }),
        );
        return Object.fromEntries(entries);
      },
    },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error) throw new Error('a migration failed', { cause: error });
  return (results ?? []).filter((r) => r.status === 'Success').map((r) => r.migrationName);
}
