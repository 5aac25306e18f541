import { randomUUID } from 'node:crypto';
import type { DeskView } from '@hearthline/shared/contracts/views';
import { inLanes, within, type Ending } from '../ending.ts';
import { figure, percent, type Figure } from '../figures.ts';
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
type Run = { ms: number[]; asked: number; refused: number; perSecond: number };

/** Row 7: a request is planned → its offer is on a free peer's socket. Callers ask and leave again, in each round. */
export async function offerRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const stack = await benchStack(ending);
  const people = await crowd(stack, ending);
  console.log(`making ${s.people} signed-in peers, available, and ${s.people} callers`);
  const peers = await people.peers(s.people);
  const callers = await people.callers(s.people);
  const desks = watchDesks(peers);
  const figures: Figure[] = [];
  for (const { rate, most, bar, aim } of rates) {
    const asking = callers.slice(0, most);
    const measured = await pairedRounds(
      s.rounds,
      () => ask(people, asking, desks, rate),
      (n, run, steal) =>
        console.log(
          `row 7  ${rate}/s  round ${n}/${s.rounds}  p50 ${quantile(run.ms, 0.5).toFixed(1)} ms  p99 ${quantile(run.ms, 0.99).toFixed(1)} ms  ` +
            `${run.ms.length} of ${run.asked} offered, ${run.perSecond.toFixed(0)}/s  steal ${percent(steal)}`,
        ),
    );
    const all = measured.rounds.map((r) => r.values);
    const p50 = quantile(
      all.map((r) => quantile(r.ms, 0.5)),
      0.5,
    );
    const speed = quantile(
      all.map((r) => r.perSecond),
      0.5,
    );
    const missing = all.reduce((sum, r) => sum + r.asked - r.ms.length, 0);
    figures.push(
      figure(
        {
          row: 7,
          what: `request → offer on the peer's socket, ${s.people} peers free, p99 at ${rate}/s (${asking.length} requests a round)`,
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
  const times = rows.map((r) => ({ seen: desks.seen.get(r.id) ?? 0, planned: plannedAt.get(r.caller_id) ?? 0 }));
  const last = Math.max(start, ...times.map((t) => t.seen));
  await inLanes(callers, 8, ({ socket }) => socket.call('request.leave', { commandId: randomUUID() }).catch(() => {}));
  await within(4 * patienceMs, 'empty desks after all callers left', desks.empty());
  return {
    ms: times.map((t) => t.seen - t.planned),
    asked: callers.length,
    refused,
    perSecond: (times.length * 1000) / (last - start),
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
  return { seen, reached: (count) => when(() => seen.size >= count), empty: () => when(() => busy.size === 0) };
}
