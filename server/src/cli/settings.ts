import { createAuth } from '../auth/auth.ts';
import { readConfig, type Config } from '../config.ts';
import { openPool } from '../storage/postgres/pool.ts';

/** Opens what a command needs, runs it, closes it. A wrong wish is a sentence and exit code 1, never a stack. */
export async function cli(
  run: (d: { config: Config; pool: ReturnType<typeof openPool>; auth: ReturnType<typeof createAuth> }) => Promise<void>,
): Promise<void> {
  const config = readConfig(process.env);
  const pool = openPool(config.databaseUrl, 4);
  try {
    await run({
      config,
      pool,
      auth: createAuth({ pool, secret: config.secret, origin: config.origin, port: config.port }),
    });
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  } finally {
    await pool.end();
  }
}
