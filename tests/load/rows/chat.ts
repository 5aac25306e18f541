import { freshDatabase } from '../../support/services.ts';
import type { Ending } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { closedLoop, openLoop, type ClosedLoop, type Gauge, type OpenLoop } from '../loops.ts';
import { cpuSeconds } from '../machine.ts';
import { pairedRounds, quantile, type Rounds } from '../paired.ts';
import { benchStack, crowd } from '../people.ts';
import type { Settings } from '../settings.ts';
import { ourTalks, relayTalks, type Talk } from '../talks.ts';

const names = ['bare', 'naive', 'ours'] as const;
type Name = (typeof names)[number];
type System = { talks: Talk[]; cpu: Gauge };
type Systems = Partial<Record<Name, System>> & Record<'bare' | 'ours', System>;
type Measured<T> = Rounds<Partial<Record<Name, T>>>;

const rates = [
  { rate: 500, bar: 8, aim: 3 },
  { rate: 2000, bar: 12, aim: 5 },
];
const p99 = (values: number[]) => quantile(values, 0.99);

/** Rows 1 to 4: chat through the product against a relay that keeps nothing, and one that keeps things naively. */
export async function chatRows(wanted: readonly number[], s: Settings, ending: Ending): Promise<Figure[]> {
  const stack = await benchStack(ending);
  const people = await crowd(stack, ending);
  console.log(`making ${s.conversations} conversations through the product's own doors`);
  const talks = await ourTalks(people, s.conversations);
  await people.close(); // from here on only sockets
  const pid = stack.pid('server1');
  const relay = async (args: Parameters<typeof relayTalks>[0]): Promise<System> => {
    const { talks, pid } = await relayTalks(args, s.conversations, ending);
    return { talks, cpu: () => cpuSeconds(pid) };
  };
  const systems: Systems = { ours: { talks, cpu: () => cpuSeconds(pid) }, bare: await relay(['bare']) };
  if (wanted.includes(2)) {
    const database = await freshDatabase();
    ending.add(database.drop);
    systems.naive = await relay(['naive', database.url]);
  }
  const rows = (...some: number[]) => some.some((row) => wanted.includes(row));
  const figures: Figure[] = [];
  if (rows(1, 2, 4)) figures.push(...closed(await closedRounds(systems, s), s));
  if (rows(3, 4)) for (const at of rates) figures.push(...open(await openRounds(systems, at.rate, s), at));
  return figures.filter((f) => wanted.includes(f.row));
}

/** Whoever is first changes with each round: what one leaves behind (garbage, checkpoints) hits them all. */
async function inTurns<T>(round: number, systems: Systems, act: (one: System) => Promise<T>) {
  const there = names.filter((name) => systems[name]);
  const values: Partial<Record<Name, T>> = {};
  for (let i = 0; i < there.length; i++) {
    const name = there[(i + round) % there.length] as Name;
    values[name] = await act(systems[name] as System);
  }
  return values;
}

const closedRounds = (systems: Systems, s: Settings): Promise<Measured<ClosedLoop>> =>
  pairedRounds(
    s.rounds,
    (round) => inTurns(round, systems, ({ talks, cpu }) => closedLoop(talks, s.seconds, cpu)),
    (n, values, taken) =>
      console.log(
        `closed loop  round ${n}/${s.rounds}  ${each(values, (v) => `${v.perSecond.toFixed(0)}/s`)}  ${lost(taken)}`,
      ),
  );

function closed(measured: Measured<ClosedLoop>, s: Settings): Figure[] {
  const rate = (name: Name) => (v: Partial<Record<Name, ClosedLoop>>) => v[name]?.perSecond ?? NaN;
  const range = (name: Name) => {
    const all = measured.rounds.map((r) => rate(name)(r.values));
    return `${name} ${quantile(all, 0.5).toFixed(0)} (${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)})`;
  };
  const loop = `closed loop, ${s.conversations} conversations`;
  const over = (name: Name) => (v: Partial<Record<Name, ClosedLoop>>) => rate('ours')(v) / rate(name)(v);
  return [
    figure(
      { row: 1, what: `durable chat ÷ bare Socket.IO relay, ${loop}`, unit: '', better: 'higher', bar: 0.4, aim: 0.65 },
      measured,
      over('bare'),
      `messages/s: ${range('ours')}, ${range('bare')}`,
    ),
    figure(
      { row: 2, what: `durable chat ÷ naive durable relay, ${loop}`, unit: '', better: 'higher', bar: 1.7, aim: 2.5 },
      measured,
      over('naive'),
      `messages/s: ${range('ours')}, ${range('naive')}. SKIPPED: against ejabberd with its archive in PostgreSQL (not part of this project)`,
    ),
    cpuFigure('at full speed, closed loop', measured, (v) => v.spent / v.perSecond / s.seconds),
  ];
}

const openRounds = (systems: Systems, rate: number, s: Settings): Promise<Measured<OpenLoop>> =>
  pairedRounds(
    s.rounds,
    (round) =>
      inTurns(round, { bare: systems.bare, ours: systems.ours }, ({ talks, cpu }) =>
        openLoop(talks, rate, s.seconds, cpu),
      ),
    (n, values, taken) =>
      console.log(
        `${rate}/s  round ${n}/${s.rounds}  ${each(values, (v) => `p99 ${p99(v.receiver).toFixed(1)}/${p99(v.ack).toFixed(1)} ms`)}  ${lost(taken)}`,
      ),
  );

function open(measured: Measured<OpenLoop>, { rate, bar, aim }: (typeof rates)[number]): Figure[] {
  const runs = measured.rounds.flatMap((r) => Object.values(r.values));
  const lag = Math.max(...runs.map((v) => v.worstLagMs));
  const reached = Math.min(...measured.rounds.map((r) => r.values.ours?.perSecond ?? NaN));
  const note = `reached at least ${reached.toFixed(0)}/s; the generator itself was late by up to ${lag.toFixed(0)} ms`;
  const added = (end: 'receiver' | 'ack') =>
    figure(
      { row: 3, what: `p99 added over bare at ${end}, open loop ${rate}/s`, unit: 'ms', better: 'lower', bar, aim },
      measured,
      ({ bare, ours }) => p99(ours?.[end] ?? []) - p99(bare?.[end] ?? []),
      note,
    );
  return [added('receiver'), added('ack'), cpuFigure(`open loop ${rate}/s`, measured, (v) => v.spent / v.ack.length)];
}

function cpuFigure<T>(how: string, measured: Measured<T>, perMessage: (v: T) => number): Figure {
  const of = (name: Name) => (v: Partial<Record<Name, T>>) => perMessage(v[name] as T) * 1e6;
  const median = (name: Name) =>
    quantile(
      measured.rounds.map((r) => of(name)(r.values)),
      0.5,
    ).toFixed(0);
  return figure(
    { row: 4, what: `server CPU per message ÷ bare, ${how}`, unit: '', better: 'lower', bar: 2, aim: 1.4 },
    measured,
    (v) => of('ours')(v) / of('bare')(v),
    `ours ${median('ours')} µs, bare ${median('bare')} µs`,
  );
}

const each = <T>(values: Partial<Record<Name, T>>, show: (v: T) => string) =>
  names.flatMap((name) => (values[name] ? `${name} ${show(values[name])}` : [])).join('  ');
