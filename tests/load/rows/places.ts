import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createEnding, inLanes, type Ending } from '../ending.ts';
import { figure, type Figure } from '../figures.ts';
import { inspector } from '../inspect.ts';
import { leanSocket } from '../leanSocket.ts';
import { cpuSeconds } from '../machine.ts';
import { pairedRounds } from '../paired.ts';
import { benchStack, crowd, type Person } from '../people.ts';
import type { Settings } from '../settings.ts';
import { openRelay } from '../talks.ts';

const perSecond = 20;
const seconds = 8;
const few = 20;

/** Row 9: the line moves twenty times a second under those who wait in it. */
export async function placeRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const many = Math.min(1000, s.people * 2);
  const most = Math.min(10_000, s.people * 20);
  process.env['BENCH_NODE_OPTIONS'] = '--inspect=127.0.0.1:0';
  const stack = await benchStack(ending);
  delete process.env['BENCH_NODE_OPTIONS'];
  const people = await crowd(stack, ending);
  const look = await inspector(stack.output('server1'));
  ending.add(look.close);
  await people.peers(1, 'break');
  const pid = stack.pid('server1');
  const measured = await pairedRounds(
    1,
    async () => {
      const movers = await people.callers(few);
      await enter(movers);
      const alone = await whileMoving(movers, [], pid);
      console.log(`${many} callers wait`);
      const waiting = await people.callers(many);
      await enter(waiting);
      const beside = await whileMoving(movers, waiting, pid);
      console.log(`${most} callers wait`);
      const rest = await people.callers(most - many);
      await enter(rest);
      await look.watchLoop();
      await whileMoving(movers, [], pid, 4);
      const blockedMs = await look.worstLoopMs();
      return {
        packets: beside.packets,
        cpu: Math.max(0.001, beside.cpu - alone.cpu),
        naive: await packetPerChange(many, ending),
        blockedMs,
      };
    },
    (_, v) =>
      console.log(
        `row 9  ${v.packets.toFixed(2)} packets a caller and second; ${(v.cpu * 100).toFixed(1)} % of a core, a packet per change ${(v.naive * 100).toFixed(0)} %; loop blocked ${v.blockedMs.toFixed(1)} ms`,
      ),
  );
  const [round] = measured.rounds;
  return [
    figure(
      {
        row: 9,
        what: `places told at ${perSecond} changes/s, ${many} waiting: CPU of a packet per change ÷ ours`,
        unit: '×',
        better: 'higher',
        bar: 20,
        aim: 75,
      },
      measured,
      (v) => v.naive / v.cpu,
      `${round?.values.packets.toFixed(2)} packets a caller and second; what the same changes cost with nobody else in line is taken off`,
    ),
    figure(
      {
        row: 9,
        what: `event loop blocked at most while places move, ${most} waiting`,
        unit: 'ms',
        better: 'lower',
        bar: 50,
        aim: 10,
      },
      measured,
      (v) => v.blockedMs,
    ),
  ];
}

const enter = (callers: Person[]) =>
  inLanes(callers, 16, ({ socket }) => socket.call('request.open', { commandId: randomUUID() }));

/** Those who came first leave and come again, in turns, so that all who wait move. @returns CPU of a core, packets a caller and second. */
async function whileMoving(movers: Person[], waiting: Person[], pid: number, time = seconds) {
  let told = 0;
  const offs = waiting.map(({ socket }) => socket.on((name) => void (name === 'caller.place' && told++)));
  const from = cpuSeconds(pid);
  for (let i = 0; i < perSecond * time; i++) {
    const mover = movers[Math.floor(i / 2) % movers.length] as Person;
    const door = i % 2 ? ('request.open' as const) : ('request.leave' as const);
    mover.socket.call(door, { commandId: randomUUID() }).catch(() => {});
    await setTimeout(1000 / perSecond);
  }
  const cpu = (cpuSeconds(pid) - from) / time;
  for (const off of offs) off();
  return { cpu, packets: told / Math.max(1, waiting.length) / time };
}

/** The same number of sockets on a bare Socket.IO server that sends each of them a packet per change. */
async function packetPerChange(count: number, ending: Ending): Promise<number> {
  const own = createEnding();
  const end = ending.add(() => own.all());
  const { port, pid } = await openRelay(['bare'], own);
  const sockets = await inLanes(Array.from({ length: count }), 64, (_, i) =>
    leanSocket({ port, path: '/socket.io', query: `&room=r${i}`, headers: {} }),
  );
  const from = cpuSeconds(pid);
  const start = performance.now();
  for (let i = 0; i < perSecond * seconds; i++) {
    sockets[0]?.emit('place.all', { requestId: randomUUID(), now: new Date().toISOString() }, () => {});
    await setTimeout(1000 / perSecond);
  }
  const cpu = (cpuSeconds(pid) - from) / ((performance.now() - start) / 1000);
  for (const socket of sockets) socket.close();
  await end();
  return cpu;
}
