import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Crew } from '../support/crew.ts';
import type { Cluster } from './cluster.ts';
import { theirAddress, theirAgent } from './person.ts';

/** [I24] Where the address or the browser of a caller was found: tables, Redis and its files, what the programs print. */
export async function leaks({ cluster, crew }: { cluster: Cluster; crew: Crew }): Promise<string[]> {
  const canaries = [theirAddress, theirAgent];
  const found: string[] = [];
  const look = (where: string, text: string) => {
    for (const canary of canaries) if (text.includes(canary)) found.push(`I24: ${canary} stands in ${where}`);
  };
  look('the output of the programs', cluster.output());
  const { rows } = await crew.deps.sql.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
    [],
  );
  for (const { name } of rows) {
    const hits = await crew.deps.sql.query(
      `select 1 from ${name} t where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0 limit 1`,
      canaries,
    );
    if (hits.rows.length > 0) found.push(`I24: a caller's address or browser stands in the table ${name}`);
  }
  for (const entry of readdirSync(cluster.redisData, { recursive: true, withFileTypes: true }))
    if (entry.isFile())
      look(`the Redis file ${entry.name}`, readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  return found;
}
