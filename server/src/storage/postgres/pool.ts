import { readFileSync } from 'node:fs';
import pg from 'pg';

/** The little of a database that stores and key functions need; a pool and a transaction both are one. */
export type Sql = { query<R>(text: string, params: unknown[]): Promise<{ rows: R[]; rowCount: number }> };

pg.types.setTypeParser(pg.types.builtins.INT8, Number); // ids and sequence numbers stay below 2^53

type Patience = {
  /** How long a statement waits for a row that somebody else holds; 0: as long as for its answer. */
  lockMs?: number;
  /**
   * How long the rows of a transaction are held for a process that does not go on with it. One that is frozen would keep them from
   * everybody until it wakes; then its transaction has not happened, and its next statement fails as in an outage.
   */
  idleMs?: number;
};
/** A ladder may be late by 2 s at most (I8), also where whoever was to take its step froze in the middle of it. */
const usualIdleMs = 1500;

/**
 * Connections for hot statements. Each is planned once and its plan kept: by index and nested loop, whatever the tables
 * looked like in that moment. (A plan made over an empty table reads the whole of it, and is kept as it grows.)
 */
export const openHotPool = (url: string, connections: number, patience?: Patience): pg.Pool =>
  openPool(
    url,
    connections,
    patience,
    '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off',
  );

export function openPool(
  url: string,
  max = 16,
  { lockMs = 0, idleMs = usualIdleMs }: Patience = {},
  options?: string,
): pg.Pool {
  const pool = new pg.Pool({
    ...(options ? { options } : {}),
    connectionString: url,
    max,
    application_name: 'hearthline',
    connectionTimeoutMillis: 5000,
    statement_timeout: 10_000,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleMs,
  });
  pool.on('error', () => {}); // an idle connection that breaks is replaced at the next query; unhandled it would end the process
  pool.on('connect', (client) => client.on('error', () => {})); // one that breaks in the middle of a transaction too: its next statement fails
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

const mostNames = 500;
const names = new Map<string, string>();
/** The texts of our statements are fixed; should one ever not be, no more than so many are kept on a connection. */
function nameOf(text: string): string | undefined {
  if (!names.has(text) && names.size < mostNames) names.set(text, `hot-${names.size}`);
  return names.get(text);
}

/** Statements that are prepared on first use on each connection of a hot pool, by their text. */
export function preparedOf(client: pg.Pool | pg.PoolClient): Sql {
  return {
    async query<R>(text: string, params: unknown[]) {
      const name = nameOf(text);
      const answer = await client.query({ ...(name ? { name } : {}), text, values: params });
      return { rows: answer.rows as R[], rowCount: answer.rowCount ?? 0 };
    },
  };
}

/** Reads a .sql file that lies beside the module. */
export function sqlFile(moduleUrl: string, name: string): string {
  return readFileSync(new URL(name, moduleUrl), 'utf8');
}
