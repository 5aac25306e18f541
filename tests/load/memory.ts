import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DeskView } from '@hearthline/shared/contracts/views';
import { close, open, ROOT } from '../support/services.ts';
import { createEnding, endOnSignals, within } from './ending.ts';
import { inspector, type Held } from './inspect.ts';
import { atPlannedTimes } from './loops.ts';
import { redisKinds, type Kinds } from './redisKinds.ts';
import { benchStack, crowd, type Person } from './people.ts';
import { acceptsOne, sideOf, talksOnce, type Side } from './talks.ts';

/**
 * `npm run bench:memory -- --minutes 60`: messages at a steady rate while conversations end and others begin; each minute
 * what server, worker and Redis hold. Flat means: over the second half the slope is less than a hundredth an hour of
 * what is held, or within what the readings themselves scatter.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '500' },
    conversations: { type: 'string', default: '100' },
    everySeconds: { type: 'string', default: '60' },
  },
});
const minutes = Math.min(180, Number(values.minutes));
const rate = Math.min(2000, Number(values.rate));
const count = Math.min(500, Number(values.conversations));
const everyMs = Number(values.everySeconds) * 1000;
/** Every conversation is replaced about once in so long. */
const lifeMs = 60_000;

const ending = createEnding();
endOnSignals(ending);
ending.add(close);
await open({});
process.env['BENCH_NODE_OPTIONS'] = '--inspect=127.0.0.1:0';
const stack = await benchStack(ending);
const people = await crowd(stack, ending);
const [server, worker] = [await inspector(stack.output('server1')), await inspector(stack.output('worker1'))];

type Slot = { peer: Person; caller: Person; id: string; sides: readonly [Side, Side]; closed: boolean };
const told = { sent: 0, acked: 0, refused: 0, received: 0, replaced: 0, failed: 0 };

async function talk(peer: Person): Promise<Slot> {
  const [caller] = await people.callers(1);
  if (!caller) throw new Error('no caller');
  const [accepted, talking] = [acceptsOne(peer), talksOnce(caller)];
  await caller.socket.call('request.open', { commandId: randomUUID() });
  const [, id] = await within(20_000, 'a conversation', Promise.all([accepted, talking])).catch(async (e: Error) => {
    // whoever stayed would be put to the next peer, and everybody after that to the one before theirs
    await caller.socket.call('request.leave', { commandId: randomUUID() }).catch(() => {});
    await peer.socket.call('peer.setState', { commandId: randomUUID(), state: 'break' }).catch(() => {});
    caller.socket.close();
    throw e;
  });
  const base = { conversationId: id, epoch: 1 };
  const sides = [sideOf(caller.socket, base), sideOf(peer.socket, base)] as const;
  for (const side of sides) side.onMessage = () => void told.received++;
  return { peer, caller, id, sides, closed: false };
}
async function replace(slot: Slot): Promise<Slot> {
  slot.closed = true;
  for (const side of slot.sides) side.onMessage = () => {};
  const { peer, caller, id: conversationId } = slot;
  await caller.socket.call('conversation.end', { commandId: randomUUID(), conversationId, reason: 'finished' });
  const desk: DeskView = await peer.socket.call('desk.view', {});
  const about = { topic: desk.line?.topics[0] ?? '', outcome: desk.line?.outcomes[0] ?? '', strain: 1, debrief: false };
  const fresh = talk(peer); // is offered once the wrap-up is written
  fresh.catch(() => {});
  await peer.socket.call('wrapUp.submit', { commandId: randomUUID(), conversationId, ...about });
  caller.socket.close();
  told.replaced++;
  return fresh;
}

/** A peer who comes on shift: nobody else is free, so the two meet. */
async function begin(): Promise<Slot> {
  const [peer] = await people.peers(1, 'break');
  if (!peer) throw new Error('no peer');
  await peer.socket.call('peer.setState', { commandId: randomUUID(), state: 'available' });
  return talk(peer);
}
console.log(`making ${count} conversations`);
const slots: Slot[] = [];
while (slots.length < count) slots.push(await begin());
const start = performance.now();
const until = start + minutes * 60_000;
type Reading = { minute: number; server: Held; worker: Held; redisMb: number; redisKeys: number; kinds: Kinds };
const readings: Reading[] = [];

async function read(): Promise<void> {
  const info = await people.deps.redis.info('memory');
  readings.push({
    minute: (performance.now() - start) / 60_000,
    server: await server.held(),
    worker: await worker.held(),
    redisMb: Number(/used_memory_dataset:(\d+)/.exec(info)?.[1]) / 2 ** 20,
    redisKeys: await people.deps.redis.dbsize(),
    kinds: await redisKinds(people.deps.redis),
  });
  console.log(row(readings.at(-1) as Reading), JSON.stringify(told));
}
const row = (r: Reading) =>
  `| ${[r.minute, r.server.heapMb, r.server.rssMb, r.server.listeners, r.server.entries, r.server.handles, r.worker.heapMb, r.worker.listeners, r.redisMb, r.redisKeys].map((n) => (Number.isInteger(n) ? n : n.toFixed(1))).join(' | ')} |`;
const head =
  '| minute | server heap MB | RSS MB | listeners | map entries | handles | worker heap MB | listeners | Redis MB | keys |\n| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |';
console.log(head);

/** On a machine that is too busy somebody may be lost; the place stays empty until the next turn when others fail too. */
async function others(slot: Slot, { message }: Error): Promise<Slot> {
  told.failed++;
  console.log(`a conversation was not replaced (${message}); other people take its place`);
  // a peer without a page who is still taken for free would be put to the next callers, for as long as an offer stands
  await slot.peer.socket.call('peer.setState', { commandId: randomUUID(), state: 'break' }).catch(() => {});
  for (const one of [slot.peer, slot.caller]) one.socket.close();
  return begin().catch(() => slot);
}
async function churn(): Promise<void> {
  for (let i = 0; performance.now() < until; i = (i + 1) % count) {
    const pause = new Promise((done) => setTimeout(done, lifeMs / count));
    const slot = slots[i] as Slot;
    slots[i] = await replace(slot).catch((e: Error) => others(slot, e));
    await pause;
  }
}
async function readEachMinute(): Promise<void> {
  while (performance.now() < until) {
    await new Promise((done) => setTimeout(done, Math.min(everyMs, until - performance.now())));
    await read();
  }
}
await Promise.all([
  atPlannedTimes(performance.now(), rate, Math.round(rate * minutes * 60), (i) => {
    const slot = slots[i % count] as Slot;
    if (slot.closed) return;
    told.sent++;
    slot.sides[Math.floor(i / count) % 2]?.send(randomUUID(), (ok) => void (ok ? told.acked++ : told.refused++));
  }),
  churn(),
  readEachMinute(),
]);

/** Per hour by least squares over the second half, and how far the readings lie from that line (standard deviation). */
function slope(pick: (r: Reading) => number): { perHour: number; scatter: number; mean: number } {
  const half = readings.filter((r) => r.minute >= minutes / 2);
  const n = half.length;
  const [xs, ys] = [half.map((r) => r.minute / 60), half.map(pick)];
  const [mx, my] = [xs.reduce((a, b) => a + b, 0) / n, ys.reduce((a, b) => a + b, 0) / n];
  const sxx = xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
  const b = xs.reduce((sum, x, i) => sum + (x - mx) * ((ys[i] ?? 0) - my), 0) / sxx;
  const rest = ys.reduce((sum, y, i) => sum + (y - my - b * ((xs[i] ?? 0) - mx)) ** 2, 0);
  return { perHour: b, scatter: Math.sqrt(rest / Math.max(1, n - 2)), mean: my };
}
const watched: [string, (r: Reading) => number][] = [
  ['server heap MB', (r) => r.server.heapMb],
  ['server listeners', (r) => r.server.listeners],
  ['server map entries', (r) => r.server.entries],
  ['worker heap MB', (r) => r.worker.heapMb],
  ['worker listeners', (r) => r.worker.listeners],
  ['Redis MB', (r) => r.redisMb],
  ['Redis keys', (r) => r.redisKeys],
];
/** What Redis holds by kind of key, half-way and at the end: which kind grew, if any did. */
const kindRows = () => {
  const [half, end] = [readings.find((r) => r.minute >= minutes / 2)?.kinds ?? {}, readings.at(-1)?.kinds ?? {}];
  const cell = (kinds: Kinds, kind: string) => `${kinds[kind]?.keys ?? 0} | ${kinds[kind]?.bytes ?? 0}`;
  return Object.keys({ ...half, ...end })
    .sort()
    .map((kind) => `| ${kind} | ${cell(half, kind)} | ${cell(end, kind)} |`);
};
const verdicts = watched.map(([name, pick]) => {
  const { perHour, scatter, mean } = slope(pick);
  const flat = Math.abs(perHour) <= Math.max(mean / 100, 2 * scatter);
  return `${name}: ${mean.toFixed(1)}, ${perHour >= 0 ? '+' : ''}${perHour.toFixed(2)} an hour, readings scatter by ${scatter.toFixed(2)} — ${flat ? 'flat' : 'NOT FLAT'}`;
});
console.log(`\n${verdicts.join('\n')}\n${JSON.stringify(told)}`);
const folder = join(ROOT, '.test-output');
mkdirSync(folder, { recursive: true });
const lines = [
  `${minutes} minutes, ${rate} messages/s, ${count} conversations, each replaced once a minute or so.`,
  '',
  head,
  ...readings.map(row),
  '',
  ...verdicts.map((v) => `- ${v}`),
  '',
  '| Redis keys of a kind | half-way | bytes | at the end | bytes |',
  '| --- | --: | --: | --: | --: |',
  ...kindRows(),
  '',
  `Counts: ${JSON.stringify(told)}`,
];
writeFileSync(join(folder, 'memory.md'), `${lines.join('\n')}\n`);
server.close();
worker.close();
await ending.all();
process.exit(verdicts.some((v) => v.endsWith('NOT FLAT')) ? 1 : 0);
