process.env['PROTOCOL_HEADER'] = 'x-forwarded-proto'; // read by the pages' handler when it is imported

import { readConfig } from './config.ts';
import { openDeps } from './deps.ts';
import { startBackground } from './due/background.ts';
import { nodesAlive, startHeartbeat } from './due/heartbeat.ts';
import { every } from './due/loop.ts';
import { climbLate } from './due/sweeper.ts';
import { startSender } from './means/sendPages.ts';
import { checkRedis } from './storage/redis/clients.ts';

const { deps, close } = await openDeps(readConfig(process.env), 'server');
const { handler } = (await import('@hearthline/web/handler')) as { handler: Parameters<typeof createApp>[1] };
const { createApp } = await import('./app.ts');
await checkRedis(deps.redis, deps.log).catch((e: Error) => {
  if (e.message.startsWith('Redis evicts')) throw e;
  deps.log.warn({ err: e.message }, 'redis not checked');
});
const app = createApp(deps, handler);
const heartbeat = startHeartbeat(deps, 'server', app.live.stored);
const sender = startSender(deps); // here too: whoever committed a page need not wait for Redis or a worker to have it sent

/** While no worker is alive a server does the workers' part, and hands it back when one returns (F18). */
let standIn: ReturnType<typeof startBackground> | null = null;
const climb = every(500, 'climb late ladders', deps.log, () => climbLate(deps));
const bootedAt = performance.now();
let seenNone = 0;
const watch = every(1000, 'watch workers', deps.log, async () => {
  const { promptWorkers } = await nodesAlive(deps);
  seenNone = promptWorkers === 0 && performance.now() - bootedAt > 6000 ? seenNone + 1 : 0;
  if (seenNone >= 2 && !standIn) {
    deps.log.error('no background worker is alive; this server does their part');
    standIn = startBackground(deps);
  } else if (promptWorkers > 0 && standIn) {
    const leaving = standIn;
    standIn = null;
    await leaving.stop();
  }
});

app.http.listen(deps.config.port, deps.config.bind, () => deps.log.info({ port: deps.config.port }, 'server ready'));

let stopping = false;
async function stop(signal: string) {
  if (stopping) return;
  stopping = true;
  deps.log.info({ signal }, 'server drains');
  app.drain();
  app.http.close();
  await Promise.allSettled([watch.stop(), climb.stop(), standIn?.stop(), heartbeat.stop(), sender.stop()]);
  await app.stop();
  await close();
  process.exit(0);
}
process.on('SIGTERM', () => void stop('SIGTERM'));
process.on('SIGINT', () => void stop('SIGINT'));
