import { join } from 'node:path';
import { DATA, KEYS, ROOT, TOOLS, makeFolders, running } from '../paths.mjs';
import { runProgram } from '../program.mjs';
import { installationSecret, vapidKey } from '../secret.mjs';
import { claim } from '../supervise/onlyOne.mjs';
import { startPostgres } from './postgres.mjs';
import { startRedis } from './redis.mjs';

/** The environment that server, worker and every command of this installation are run with. */
export function programEnv(databaseUrl, redisUrl) {
  return {
    ...process.env,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    HEARTHLINE_SECRET: installationSecret(DATA),
    HEARTHLINE_VAPID_PRIVATE_KEY: vapidKey(DATA),
    HEARTHLINE_DATA_DIR: DATA,
    HEARTHLINE_KEYS_DIR: KEYS,
  };
}

/** Runs `act` with database and Redis: those of a running `npm start`, else our own for as long as it takes. */
export async function withServices(act) {
  makeFolders();
  const run = running();
  if (run) return act(programEnv(run.databaseUrl, run.redisUrl));
  // two at once on one data folder would take each other's database for an orphan
  const release = await claim(DATA);
  if (!release) throw new Error('Hearthline is just starting, or another command is at work. Try again in a moment.');
  const started = [];
  try {
    const own = async (address, start) => {
      if (address) return address;
      const service = await start();
      started.push(service);
      return service.url;
    };
    const databaseUrl = await own(process.env.DATABASE_URL, () => startPostgres({ data: join(DATA, 'postgres') }));
    const redisUrl = await own(process.env.REDIS_URL, () => startRedis({ data: join(DATA, 'redis'), tools: TOOLS }));
    const env = programEnv(databaseUrl, redisUrl);
    const migrated = await runProgram([join(ROOT, 'server', 'src', 'cli', 'migrate.ts')], { env, quiet: true });
    if (migrated.code !== 0) throw new Error(migrated.output.trim());
    return await act(env);
  } finally {
    for (const service of started.reverse()) await service.stop();
    release();
  }
}
