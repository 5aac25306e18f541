import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres, type PrivatePostgres } from '../../tools/services/postgres.mjs';
import { startRedis, type PrivateRedis } from '../../tools/services/redis.mjs';
import { freshFolder, keptFolders, program, programEnv, ROOT } from '../support/services.ts';

/** A PostgreSQL and a Redis of the test's own, so that they can be stopped and started again with what they hold. */
export async function startOwnServices() {
  const [data, redisData, tools, folder] = [
    freshFolder('pg'),
    freshFolder('redis'),
    join(ROOT, '.tools'),
    freshFolder(),
  ];
  for (const name of keptFolders) mkdirSync(join(folder, name), { mode: 0o700 });
  let postgres: PrivatePostgres = await startPostgres({ data });
  let redis: PrivateRedis = await startRedis({ data: redisData, tools });
  const place = { databaseUrl: postgres.url, redisUrl: redis.url, folder };
  await program(join(ROOT, 'server', 'src', 'cli', 'migrate.ts'), programEnv(place));
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    stopPostgres: () => postgres.stop(),
    startPostgres: async () => void (postgres = await startPostgres({ data })),
    restartRedis: async () => {
      await redis.stop();
      redis = await startRedis({ data: redisData, tools });
    },
    stop: async () => {
      await redis.stop();
      await postgres.stop();
    },
  };
}
export type OwnServices = Awaited<ReturnType<typeof startOwnServices>>;
