import { readConfig } from '@hearthline/server/config';
import { openDeps } from '@hearthline/server/deps';
import { startBackground } from '@hearthline/server/due/background';
import { startHeartbeat } from '@hearthline/server/due/heartbeat';
import { startSender } from '@hearthline/server/means/sendPages';
import { checkRedis } from '@hearthline/server/storage/redis/clients';
import { startDueWorker } from './dueWorker.ts';

const { deps, close } = await openDeps(readConfig(process.env), 'worker');
await checkRedis(deps.redis, deps.log).catch((e: Error) => {
  if (e.message.startsWith('Redis evicts')) throw e;
  deps.log.warn({ err: e.message }, 'redis not checked');
});
const background = startBackground(deps);
const heartbeat = startHeartbeat(deps, 'worker');
const prompt = startDueWorker(deps);
const sender = startSender(deps);
deps.log.info('worker ready');

let stopping = false;
async function stop(signal: string) {
  if (stopping) return;
  stopping = true;
  deps.log.info({ signal }, 'worker stops');
  await Promise.allSettled([background.stop(), prompt.stop(), heartbeat.stop(), sender.stop()]);
  await close();
  process.exit(0);
}
process.on('SIGTERM', () => void stop('SIGTERM'));
process.on('SIGINT', () => void stop('SIGINT'));
