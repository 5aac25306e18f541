import { readConfig } from '../config.ts';
import { migrateAuth } from '../auth/auth.ts';
import { migrate } from '../storage/postgres/migrate.ts';
import { openPool } from '../storage/postgres/pool.ts';

const config = readConfig(process.env);
const pool = openPool(config.databaseUrl, 2);
try {
  for (const name of await migrate(pool)) console.log(`migrated ${name}`);
  await migrateAuth(config, pool);
} finally {
  await pool.end();
}
