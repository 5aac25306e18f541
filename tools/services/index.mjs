import { join } from 'node:path';
import { DATA, KEYS, TOOLS, makeFolders, running } from '../paths.mjs';
import { installationSecret } from '../secret.mjs';
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
    HEARTHLINE_DATA_DIR: DATA,
    HEARTHLINE_KEYS_DIR: KEYS,
  };
}

/** Runs `act` with database and Redis: those of a running `npm start`, else our own for as long as it takes. */
export async function withServices(act) {
  makeFolders();
  const run = running();
  if (run) return act(programEnv(run.databaseUrl, run.redisUrl));
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
    return await act(programEnv(databaseUrl, redisUrl));
  } finally {
    for (const service of started.reverse()) await service.stop();
  }
}
