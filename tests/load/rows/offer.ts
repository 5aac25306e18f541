import { randomUUID } from 'node:crypto';
import type { DeskView } from '@hearthline/shared/contracts/views';
import { createEnding, inLanes, within, type Ending } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { atPlannedTimes } from '../loops.ts';
import { pairedRounds, quantile } from '../paired.ts';
import { benchStack, crowd, type Crowd, type Person } from '../people.ts';
import type { Settings } from '../settings.ts';

const rates = [
  { rate: 100, most: 300, bar: 25, aim: 10 },
  { rate: 500, most: 500, bar: 50, aim: 20 },
];
const patienceMs = 20_000;

type Desks = {
  /** When each offer was first seen on its peer's socket. */
  seen: Map<string, number>;
  /** Resolves when as many offers have been seen since `seen` was last cleared. */
  reached(count: number): Promise<void>;
  /** Resolves when no desk shows an offer. */
  empty(): Promise<void>;
};
/** `ms` holds one time a request; one without an offer counts with all the patience we had. */
type Run = { ms: number[]; asked: number; offered: number; refused: number; perSecond: number };

/** Row 7: a request is planned → its offer is on a free peer's socket. Callers ask and leave again, in each round. */
export async function offerRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { rate, most, bar, aim } of rates) {
    const count = Math.min(most, s.people);
    const own = createEnding();
    const end = ending.add(() => own.all());
    const people = await crowd(await benchStack(own), own);
    console.log(`making ${count} peers, signed in and available, and ${count} callers`);
    const peers = await people.peers(count);
    const callers = await people.callers(count);
    const desks = watchDesks(peers);
    const measured = await pairedRounds(
      s.rounds,
      () => ask(people, callers, desks, rate),
      (n, run, taken) =>
        console.log(
          `row 7  ${rate}/s  round ${n}/${s.rounds}  p50 ${quantile(run.ms, 0.5).toFixed(1)} ms  p99 ${quantile(run.ms, 0.99).toFixed(1)} ms  ` +
            `${run.offered} of ${run.asked} offered, ${run.perSecond.toFixed(0)}/s  ${lost(taken)}`,
        ),
    );
    await end();
    const all = measured.rounds.map((r) => r.values);
    const p50 = quantile(
      all.map((r) => quantile(r.ms, 0.5)),
      0.5,
    );
    const speed = quantile(
      all.map((r) => r.perSecond),
      0.5,
    );
    const missing = all.reduce((sum, r) => sum + r.asked - r.offered, 0);
    figures.push(
      figure(
        {
          row: 7,
          what: `request → offer on the peer's socket, ${count} peers free, p99 at ${rate}/s (${count} requests a round)`,
          unit: 'ms',
          better: 'lower',
          bar,
          aim,
        },
        measured,
        (run) => quantile(run.ms, 0.99),
        `p50 ${p50.toFixed(1)} ms; offers came at ${speed.toFixed(0)}/s; ${missing} requests had none within ${patienceMs / 1000} s, ${all.reduce((sum, r) => sum + r.refused, 0)} were refused`,
      ),
    );
  }
  return figures;
}

async function ask(people: Crowd, callers: Person[], desks: Desks, rate: number): Promise<Run> {
  desks.seen.clear();
  const plannedAt = new Map<string, number>();
  let refused = 0;
  const start = performance.now();
  await atPlannedTimes(start, rate, callers.length, (i, planned) => {
    const caller = callers[i] as Person;
    plannedAt.set(caller.id, planned);
    caller.socket.call('request.open', { commandId: randomUUID() }).catch(() => refused++);
  });
  await within(patienceMs, 'an offer for each request', desks.reached(callers.length)).catch(() => {});
  // which caller an offer was for is no business of a peer's socket: it is looked up afterwards
  const { rows } = await people.deps.sql.query<{ id: string; caller_id: string }>(
    'select o.id, r.caller_id from offer o join request r on r.id = o.request_id where o.id = any($1::uuid[])',
    [[...desks.seen.keys()]],
  );
  const times = new Map<string, number>();
  for (const { id, caller_id: caller } of rows) {
    const ms = (desks.seen.get(id) ?? 0) - (plannedAt.get(caller) ?? 0);
    times.set(caller, Math.min(ms, times.get(caller) ?? Infinity)); // the first of several
  }
  const last = Math.max(start, ...desks.seen.values());
  await inLanes(callers, 8, ({ socket }) => socket.call('request.leave', { commandId: randomUUID() }).catch(() => {}));
  await within(4 * patienceMs, 'empty desks after all callers left', desks.empty());
  return {
    ms: callers.map((caller) => times.get(caller.id) ?? patienceMs),
    asked: callers.length,
    offered: times.size,
    refused,
    perSecond: (times.size * 1000) / (last - start),
  };
}

function watchDesks(peers: readonly Person[]): Desks {
  const seen = new Map<string, number>();
  const busy = new Set<string>();
  let check = () => {};
  const when = (holds: () => boolean) =>
    new Promise<void>((done) => {
      check = () => {
        if (holds()) done();
      };
      check();
    });
  for (const { id, socket } of peers)
    socket.on((name, payload) => {
      if (name !== 'desk.view') return;
      const [offer] = (payload as DeskView).offers;
      if (offer && !seen.has(offer.id)) seen.set(offer.id, performance.now());
      if (offer) busy.add(id);
      else busy.delete(id);
      check();
    });
  return {
    seen,
    reached: (count) => when(() => seen.size >= count),
    empty: () => when(() => busy.size === 0),
  };
}
