import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { inLanes, type Ending } from '../ending.ts';
import { figure, type Figure } from '../figures.ts';
import { pairedRounds } from '../paired.ts';
import { benchStack, crowd, type Crowd } from '../people.ts';
import type { Settings } from '../settings.ts';

/** What settles after people have come: views told, the queue written, prompts made, leases renewed. */
const settleMs = 6000;

/** Row 10: what Redis holds more with so many people, by its own count of its data. */
export async function redisRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const count = Math.min(1000, s.people * 2);
  const people = await crowd(await benchStack(ending), ending);
  const measured = await pairedRounds(
    1,
    async () => {
      console.log(`${count} peers come on shift, then as many callers in line`);
      const empty = await dataset(people);
      await people.peers(count, 'break');
      const staffed = await dataset(people);
      const callers = await people.callers(count);
      await inLanes(callers, 16, ({ socket }) => socket.call('request.open', { commandId: randomUUID() }));
      const waiting = await dataset(people);
      return { peer: (staffed - empty) / count, waiting: (waiting - staffed) / count };
    },
    (_, v) => console.log(`row 10  ${v.waiting.toFixed(0)} bytes a waiting request, ${v.peer.toFixed(0)} bytes a peer`),
  );
  const goal = { row: 10, unit: 'B', better: 'lower', bar: 600, aim: 430 } as const;
  return [
    figure(
      { ...goal, what: `Redis per waiting request with its caller's open page, of ${count}` },
      measured,
      (v) => v.waiting,
    ),
    figure({ ...goal, what: `Redis per peer on shift with an open desk, of ${count}` }, measured, (v) => v.peer),
  ];
}

async function dataset({ deps }: Crowd): Promise<number> {
  await setTimeout(settleMs);
  const info = await deps.redis.info('memory');
  return Number(/used_memory_dataset:(\d+)/.exec(info)?.[1]);
}
