import type { Ending } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { closedLoop, openLoop, type OpenLoop } from '../loops.ts';
import { pairedRounds, quantile } from '../paired.ts';
import { benchStack, crowd } from '../people.ts';
import { bareTalks, ourTalks, type Talk } from '../talks.ts';
import type { Settings } from '../settings.ts';

type Systems = { bare: Talk[]; ours: Talk[] };
const rates = [
  { rate: 500, bar: 8, aim: 3 },
  { rate: 2000, bar: 12, aim: 5 },
];
const p99 = (values: number[]) => quantile(values, 0.99);
/** Whoever is first alternates: what the one leaves behind (garbage, checkpoints) hits both. */
async function inTurns<T>(round: number, { bare, ours }: Systems, act: (talks: Talk[]) => Promise<T>) {
  if (round % 2 === 0) return { bare: await act(bare), ours: await act(ours) };
  const first = await act(ours);
  return { bare: await act(bare), ours: first };
}

/** Rows 1 and 3: chat through the product against a relay that keeps nothing. */
export async function chatRows(wanted: readonly number[], s: Settings, ending: Ending): Promise<Figure[]> {
  const stack = await benchStack(ending);
  const people = await crowd(stack, ending);
  console.log(`making ${s.conversations} conversations through the product's own doors`);
  const ours = await ourTalks(people, s.conversations);
  await people.close(); // from here on only sockets
  const systems = { ours, bare: await bareTalks(s.conversations, ending) };
  return [
    ...(wanted.includes(1) ? [await row1(systems, s)] : []),
    ...(wanted.includes(3) ? await row3(systems, s) : []),
  ];
}

async function row1(systems: Systems, s: Settings): Promise<Figure> {
  const measured = await pairedRounds(
    s.rounds,
    (round) => inTurns(round, systems, (talks) => closedLoop(talks, s.seconds)),
    (n, { bare, ours }, taken) =>
      console.log(
        `row 1  round ${n}/${s.rounds}  bare ${bare.toFixed(0)}/s  ours ${ours.toFixed(0)}/s  ratio ${(ours / bare).toFixed(2)}  ${lost(taken)}`,
      ),
  );
  const range = (name: 'bare' | 'ours') => {
    const all = measured.rounds.map((r) => r.values[name]);
    return `${name} ${quantile(all, 0.5).toFixed(0)} (${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)})`;
  };
  const what = `durable chat ÷ bare Socket.IO relay, closed loop, ${s.conversations} conversations`;
  return figure(
    { row: 1, what, unit: '', better: 'higher', bar: 0.4, aim: 0.65 },
    measured,
    ({ bare, ours }) => ours / bare,
    `messages/s: ${range('ours')}, ${range('bare')}`,
  );
}

async function row3(systems: Systems, s: Settings): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { rate, bar, aim } of rates) {
    const measured = await pairedRounds(
      s.rounds,
      (round) => inTurns(round, systems, (talks) => openLoop(talks, rate, s.seconds)),
      (n, { bare, ours }, taken) =>
        console.log(
          `row 3  ${rate}/s  round ${n}/${s.rounds}  bare ${shown(bare)}  ours ${shown(ours)}  ${lost(taken)}`,
        ),
    );
    const lag = Math.max(...measured.rounds.flatMap((r) => [r.values.bare.worstLagMs, r.values.ours.worstLagMs]));
    const reached = Math.min(...measured.rounds.map((r) => r.values.ours.perSecond));
    const note = `reached at least ${reached.toFixed(0)}/s; the generator itself was late by up to ${lag.toFixed(0)} ms`;
    for (const end of ['receiver', 'ack'] as const)
      figures.push(
        figure(
          { row: 3, what: `p99 added over bare at ${end}, open loop ${rate}/s`, unit: 'ms', better: 'lower', bar, aim },
          measured,
          ({ bare, ours }) => p99(ours[end]) - p99(bare[end]),
          note,
        ),
      );
  }
  return figures;
}
const shown = (run: OpenLoop) => `p99 ${p99(run.receiver).toFixed(1)}/${p99(run.ack).toFixed(1)} ms`;
