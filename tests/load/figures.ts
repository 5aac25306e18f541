import type { Taken } from './machine.ts';
import { median, type Rounds } from './paired.ts';

/** One line of the goals: what was measured in each round, and what it is held against. */
export type Figure = {
  row: number;
  what: string;
  /** One value a round. */
  values: number[];
  unit: '' | 'ms' | 's' | 'B' | 'kB' | '/s' | '×' | '%';
  better: 'higher' | 'lower';
  bar: number;
  aim: number;
  /** The largest shares in a round that counts; null where they are not told. */
  taken: Taken | null;
  repeated: number;
  note?: string;
};

type Goal = Pick<Figure, 'row' | 'what' | 'unit' | 'better' | 'bar' | 'aim'>;

export function figure<T>(goal: Goal, of: Rounds<T>, pick: (values: T) => number, note?: string): Figure {
  const taken = of.rounds.flatMap((r) => r.taken ?? []);
  const most = (what: keyof Taken) => Math.max(...taken.map((t) => t[what]));
  return {
    ...goal,
    values: of.rounds.map((r) => pick(r.values)),
    taken: taken.length > 0 ? { steal: most('steal'), others: most('others') } : null,
    repeated: of.repeated,
    ...(note ? { note } : {}),
  };
}

const decimals = { '': 2, ms: 1, s: 1, B: 0, kB: 1, '/s': 0, '×': 0, '%': 2 };
const number = (n: number, unit: Figure['unit']) => `${n.toFixed(decimals[unit])}${unit && ` ${unit}`}`;
/** What a round lost to others, in words. */
export function lost(taken: Taken | null): string {
  if (!taken) return 'time taken by others is not told here';
  return `steal ${(taken.steal * 100).toFixed(1)} %, other programs ${(taken.others * 100).toFixed(0)} %`;
}

/** A row of the table in the documents. */
export function tableRow(f: Figure): string {
  const sign = f.better === 'higher' ? '≥' : '≤';
  const reached = (goal: number) => (f.better === 'higher' ? median(f.values) >= goal : median(f.values) <= goal);
  const judged = (goal: number) => `${sign} ${number(goal, f.unit)} ${reached(goal) ? '✓' : '✗'}`;
  const range = `${number(Math.min(...f.values), f.unit)} to ${number(Math.max(...f.values), f.unit)}`;
  const cells = [f.row, f.what, `**${number(median(f.values), f.unit)}**`, range, judged(f.bar), judged(f.aim)];
  return `| ${[...cells, f.note ?? ''].join(' | ')} |`;
}
export const tableHead = '| row | what | median | range | bar | aim | |\n| --: | --- | --: | --- | --- | --- | --- |';

/** How far the median is from a goal, in the goal's unit. */
function against(name: string, goal: number, f: Figure): string {
  const short = f.better === 'higher' ? goal - median(f.values) : median(f.values) - goal;
  const sign = f.better === 'higher' ? '≥' : '≤';
  const judged = short > 0 ? `missed by ${number(short, f.unit)}` : `met, ${number(-short, f.unit)} to spare`;
  return `${name} ${sign} ${number(goal, f.unit)} ${judged}`;
}

export function print(f: Figure): string {
  const range = `${number(Math.min(...f.values), f.unit)} to ${number(Math.max(...f.values), f.unit)}`;
  const rounds = `${f.values.length} round${f.values.length === 1 ? '' : 's'}`;
  return [
    `row ${f.row}   ${f.what}`,
    `        ${number(median(f.values), f.unit)}   (${range}, ${rounds}, ${f.repeated} repeated; at worst ${lost(f.taken)})`,
    `        ${against('bar', f.bar, f)};  ${against('aim', f.aim, f)}`,
    ...(f.note ? [`        ${f.note}`] : []),
  ].join('\n');
}
