/** Sizes of a run; each has an upper end, so that nothing here can grow past this machine. */
export type Settings = { conversations: number; rounds: number; seconds: number; people: number; starts: number };

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const number = (name: string, otherwise: number, most: number) => {
    const value = Number(env[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new Error(`${name} must be a whole number from 1 to ${most}`);
    return value;
  };
  return {
    conversations: number('BENCH_CONVERSATIONS', 250, 1000),
    /** Fewer than 5 are a look, not a figure. */
    rounds: number('BENCH_ROUNDS', 5, 20),
    seconds: number('BENCH_SECONDS', 3, 30),
    /** Callers, and as many free peers, of row 7 at most; 100/s need 300, 500/s need 500. */
    people: number('BENCH_PEOPLE', 500, 1000),
    /** Cold starts take most of a minute each. */
    starts: number('BENCH_STARTS', 3, 10),
  };
}
