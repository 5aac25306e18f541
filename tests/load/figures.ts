import { median, type Rounds } from './paired.ts';

/** One line of the goals: what was measured in each round, and what it is held against. */
export type Figure = {
  row: number;
  what: string;
  /** One value a round. */
  values: number[];
  unit: '' | 'ms' | 's';
  better: 'higher' | 'lower';
  bar: number;
  aim: number;
  /** Largest share of stolen time in a round that counts; null where it is not told. */
  steal: number | null;
  repeated: number;
  note?: string;
};

type Goal = Pick<Figure, 'row' | 'what' | 'unit' | 'better' | 'bar' | 'aim'>;

export function figure<T>(goal: Goal, of: Rounds<T>, pick: (values: T) => number, note?: string): Figure {
  const steals = of.rounds.flatMap((r) => (r.steal === null ? [] : [r.steal]));
  return {
    ...goal,
    values: of.rounds.map((r) => pick(r.values)),
    steal: steals.length > 0 ? Math.max(...steals) : null,
    repeated: of.repeated,
    ...(note ? { note } : {}),
  };
}

const number = (n: number, unit: Figure['unit']) => `${n.toFixed(unit === '' ? 2 : 1)}${unit && ` ${unit}`}`;
export const percent = (share: number | null) => (share === null ? 'not told' : `${(share * 100).toFixed(1)} %`);

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
    `        ${number(median(f.values), f.unit)}   (${range}, ${rounds}, steal up to ${percent(f.steal)}, ${f.repeated} repeated)`,
    `        ${against('bar', f.bar, f)};  ${against('aim', f.aim, f)}`,
    ...(f.note ? [`        ${f.note}`] : []),
  ].join('\n');
}
