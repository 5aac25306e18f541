import { readFileSync } from 'node:fs';
import pg from 'pg';

/** The little of a database that stores and key functions need; a pool and a transaction both are one. */
export type Sql = { query<R>(text: string, params: unknown[]): Promise<{ rows: R[]; rowCount: number }> };

pg.types.setTypeParser(pg.types.builtins.INT8, Number); // ids and sequence numbers stay below 2^53

export function openPool(url: string, max = 16): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: 'hearthline',
    connectionTimeoutMillis: 5000,
    statement_timeout: 10_000,
  });
  pool.on('error', () => {}); // an idle connection that breaks is replaced at the next query; unhandled it would end the process
  return pool;
}

export function sqlOf(client: pg.Pool | pg.PoolClient): Sql {
  return {
    async query<R>(text: string, params: unknown[]) {
      const answer = await client.query(text, params);
      return { rows: answer.rows as R[], rowCount: answer.rowCount ?? 0 };
    },
  };
}

/** Reads a .sql file that lies beside the module. */
export function sqlFile(moduleUrl: string, name: string): string {
  return readFileSync(new URL(name, moduleUrl), 'utf8');
}
