import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import { createCrew } from '../../support/crew.ts';
import { createEnding, inLanes, type Ending } from '../ending.ts';
import { figure, type Figure } from '../figures.ts';
import { inspector } from '../inspect.ts';
import { leanSocket } from '../leanSocket.ts';
import { pairedRounds } from '../paired.ts';
import { benchStack } from '../people.ts';
import type { Settings } from '../settings.ts';
import { openRelay } from '../talks.ts';

const width = 64;
const settleMs = 4000;
const rssOf = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

/** Row 6: callers in line with their pages open: what each costs the server, and how fast they come. */
export async function idleRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const count = Math.min(5000, s.people * 10);
  process.env['BENCH_NODE_OPTIONS'] = '--inspect=127.0.0.1:0';
  const stack = await benchStack(ending);
  delete process.env['BENCH_NODE_OPTIONS'];
  const crew = await createCrew({ ...stack.env, PORT: new URL(stack.url).port });
  ending.add(crew.close);
  const look = await inspector(stack.output('server1'));
  ending.add(look.close);
  await crew.startWork((await crew.peer()).id, 'break');
  console.log(`making ${count} callers`);
  const members = await inLanes(Array.from({ length: count }), 16, crew.caller);
  const port = Number(new URL(stack.url).port);
  const measured = await pairedRounds(
    1,
    async () => {
      const before = await look.held();
      const start = performance.now();
      const sockets = await inLanes(members, width, async ({ cookie }) => {
        const query = `&as=caller&v=${protocolVersion}&tab=${randomUUID()}`;
        const headers = { Origin: `http://localhost:${port}`, Cookie: cookie };
        const socket = await leanSocket({ port, path: socketPath, query, headers });
        await socket.call('caller.view', {});
        return socket;
      });
      const perSecond = (count * 1000) / (performance.now() - start);
      await inLanes(sockets, 16, (socket) => socket.call('request.open', { commandId: randomUUID() }));
      await setTimeout(settleMs);
      const after = await look.held();
      for (const socket of sockets) socket.close();
      const bare = await bareSockets(count, ending);
      const kb = (mb: number) => (mb * 1024) / count;
      return {
        perSecond,
        kb: kb(after.rssMb - before.rssMb),
        heapKb: kb(after.heapMb - before.heapMb),
        ...bare,
      };
    },
    (_, v) =>
      console.log(
        `row 6  ${v.kb.toFixed(1)} kB a socket (heap ${v.heapKb.toFixed(1)}; bare ${v.bareKb.toFixed(1)}), ${v.perSecond.toFixed(0)} connects/s (bare ${v.barePerSecond.toFixed(0)})`,
      ),
  );
  const [round] = measured.rounds;
  const note = (what: string) => `bare Socket.IO ${what}`;
  return [
    figure(
      {
        row: 6,
        what: `memory of a caller's idle socket in line, of ${count} (RSS after a collection)`,
        unit: 'kB',
        better: 'lower',
        bar: 40,
        aim: 28,
      },
      measured,
      (v) => v.kb,
      note(`${round?.values.bareKb.toFixed(1)} kB; heap alone ${round?.values.heapKb.toFixed(1)} kB`),
    ),
    figure(
      {
        row: 6,
        what: 'connects a second with a session, each to its first view',
        unit: '/s',
        better: 'higher',
        bar: 1000,
        aim: 2000,
      },
      measured,
      (v) => v.perSecond,
      note(`without session and view ${round?.values.barePerSecond.toFixed(0)}/s`),
    ),
  ];
}

async function bareSockets(count: number, ending: Ending): Promise<{ bareKb: number; barePerSecond: number }> {
  const own = createEnding();
  const end = ending.add(() => own.all());
  const { port, pid } = await openRelay(['bare'], own);
  const before = rssOf(pid);
  const start = performance.now();
  const sockets = await inLanes(Array.from({ length: count }), width, (_, i) =>
    leanSocket({ port, path: '/socket.io', query: `&room=r${i}`, headers: {} }),
  );
  const barePerSecond = (count * 1000) / (performance.now() - start);
  await setTimeout(settleMs);
  const bareKb = (rssOf(pid) - before) / 1024 / count;
  for (const socket of sockets) socket.close();
  await end();
  return { bareKb, barePerSecond };
}
