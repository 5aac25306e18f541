/** Chance that a seed repeats. Streams of other names do not disturb each other. */
export type Random = {
  unit(): number;
  chance(p: number): boolean;
  /** Whole numbers, both ends included. */
  whole(from: number, to: number): number;
  pick<T>(list: readonly T[]): T;
  /** By weight. */
  weighed<T extends string>(weights: Readonly<Record<T, number>>): T;
  stream(name: string): Random;
};

const hash = (text: string): number => {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
};

/** mulberry32: 32 bits of state, enough for a world. */
export function randomOf(seed: string): Random {
  let state = hash(seed);
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const whole = (from: number, to: number) => from + Math.floor(unit() * (to - from + 1));
  return {
    unit,
    whole,
    chance: (p) => unit() < p,
    pick: (list) => {
      const one = list[whole(0, list.length - 1)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    },
    weighed: (weights) => {
      const all = Object.entries(weights) as [keyof typeof weights, number][];
      let left = unit() * all.reduce((sum, [, w]) => sum + w, 0);
      for (const [name, w] of all) if ((left -= w) < 0) return name;
      return all[all.length - 1]![0];
    },
    stream: (name) => randomOf(`${seed}/${name}`),
  };
}
