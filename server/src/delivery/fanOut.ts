import type { MediaSignal, MediaTaken } from '@hearthline/shared/contracts/media';
import type { Message } from '@hearthline/shared/contracts/message';
import { Redis } from 'ioredis';
import type { Deps } from '../deps.ts';
import { nodesAlive } from '../due/heartbeat.ts';
import { every } from '../due/loop.ts';
import type { Live } from '../realtime/live.ts';
import { messageChannel } from '../storage/redis/keys.ts';

const aliveMs = 8000;

type Parcel = { from: string } & (
  | { hello: true }
  | { messages: Message[] }
  | { marks: [conversationId: string, partyId: string, marks: { delivered: number; read: number }] }
  | { signal: [to: string, signal: MediaSignal] }
  | { taken: [partyId: string, taken: MediaTaken] }
  | { typing: [conversationId: string, partyId: string] }
);

/**
 * To the sockets of this node at once; to other nodes as one publish a batch, unless there surely is no other: a server that
 * starts says so, before anybody can be on it. What Redis carries is ciphertext and ids. What it loses, every page fetches
 * again by number.
 */
export function createMessageFanOut(deps: Deps, live: Live) {
  let alone = false;
  let heardAt = -Infinity;
  const watch = every(2000, 'count servers', deps.log, async () => {
    const { servers } = await nodesAlive(deps);
    alone = servers < 2 && performance.now() - heardAt > aliveMs;
  });
  const subscriber = new Redis(deps.config.redisUrl, { maxRetriesPerRequest: null });
  subscriber.on('error', () => {}); // said once by the command client
  subscriber.on('ready', () => send({ from: deps.nodeId, hello: true })); // after a restart of Redis too
  subscriber.subscribe(messageChannel).catch(() => {});
  subscriber.on('message', (_channel, text) => {
    const parcel = JSON.parse(text) as Parcel;
    if (parcel.from === deps.nodeId) return;
    heardAt = performance.now();
    alone = false;
    if ('hello' in parcel) return;
    if ('messages' in parcel) live.deliver(parcel.messages, 'elsewhere');
    else if ('marks' in parcel) live.marks(...parcel.marks);
    else if ('signal' in parcel) live.signal(...parcel.signal);
    else if ('taken' in parcel) live.taken(...parcel.taken);
    else live.typing(...parcel.typing, 'elsewhere');
  });
  const send = (parcel: Parcel) => {
    if (!alone || 'hello' in parcel) deps.redis.publish(messageChannel, JSON.stringify(parcel)).catch(() => {});
  };
  return {
    deliver(messages: Message[]) {
      if (messages.length === 0) return;
      live.deliver(messages, 'here');
      send({ from: deps.nodeId, messages });
    },
    marks(...marks: [string, string, { delivered: number; read: number }]) {
      live.marks(...marks);
      send({ from: deps.nodeId, marks });
    },
    signal(...signal: [string, MediaSignal]) {
      live.signal(...signal);
      send({ from: deps.nodeId, signal });
    },
    taken(...taken: [string, MediaTaken]) {
      live.taken(...taken);
      send({ from: deps.nodeId, taken });
    },
    typing(...typing: [string, string]) {
      if (live.typing(...typing, 'here')) send({ from: deps.nodeId, typing });
    },
    stop() {
      void watch.stop();
      subscriber.disconnect();
    },
  };
}
