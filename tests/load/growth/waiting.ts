import { randomUUID } from 'node:crypto';
import type { DeskView } from '@hearthline/shared/contracts/views';
import { inLanes, within, type Ending } from '../ending.ts';
import { cpuSeconds } from '../machine.ts';
import { quantile } from '../paired.ts';
import { benchStack, crowd, type Person } from '../people.ts';
import type { Curve, Point } from './point.ts';

const looks = 20;

/** Callers in line with their pages open, and nobody free: what each further one, each view and each offer costs. */
export async function overWaiting(sizes: number[], ending: Ending): Promise<Curve> {
  const stack = await benchStack(ending);
  const people = await crowd(stack, ending);
  const [peer] = await people.peers(1, 'break');
  const strangers = await people.callers(looks);
  const waiting: Person[] = [];
  const points: Point[] = [];
  for (const at of sizes) {
    const more = await people.callers(at - waiting.length);
    await inLanes(more, 16, ({ socket }) => socket.call('request.open', { commandId: randomUUID() }));
    waiting.push(...more);
    const open = await timed(strangers, ({ socket }) => socket.call('request.open', { commandId: randomUUID() }));
    const view = await timed(strangers, ({ socket }) => socket.call('caller.view', {}));
    const leave = await timed(strangers, ({ socket }) => socket.call('request.leave', { commandId: randomUUID() }));
    const offer = await timed(
      Array.from({ length: looks }, () => peer as Person),
      comesFree,
    );
    const quiet = cpuSeconds(stack.pid('server1'));
    await new Promise((done) => setTimeout(done, 5000));
    const idle = ((cpuSeconds(stack.pid('server1')) - quiet) / 5) * 100;
    points.push({
      at,
      values: { 'ask ms': open, 'view ms': view, 'leave ms': leave, 'peer free → offer ms': offer, 'idle CPU %': idle },
    });
    console.log(at, points.at(-1)?.values);
  }
  return { name: 'Waiting callers', of: 'waiting', points };

  /** Takes a break again after the offer, which goes back to the line. */
  async function comesFree({ socket }: Person): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const off = socket.on((name, payload) => {
      const [offer] = name === 'desk.view' ? (payload as DeskView).offers : [];
      if (offer) resolve(offer.id);
    });
    const start = performance.now();
    await socket.call('peer.setState', { commandId: randomUUID(), state: 'available' });
    const offerId = await within(20_000, 'an offer', promise);
    const ms = performance.now() - start;
    off();
    await socket.call('offer.decline', { commandId: randomUUID(), offerId });
    await socket.call('peer.setState', { commandId: randomUUID(), state: 'break' });
    return ms;
  }
}

/** One after another; the median in milliseconds. @param act may tell the time itself. */
async function timed<T>(items: T[], act: (item: T) => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (const item of items) {
    const start = performance.now();
    const told = await act(item);
    all.push(typeof told === 'number' ? told : performance.now() - start);
  }
  return quantile(all, 0.5);
}
