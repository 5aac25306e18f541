/** What was started and must end, the last one first: at the end of a row, and at once on Ctrl-C. */
export type Ending = {
  /** @returns what ends this one alone, before the others. */
  add(end: () => Promise<void> | void): () => Promise<void>;
  all(): Promise<void>;
};

export function createEnding(): Ending {
  const ends: (() => Promise<void>)[] = [];
  return {
    add(end) {
      let ended: Promise<void> | undefined;
      const once = () => (ended ??= Promise.resolve(end()));
      ends.push(once);
      return once;
    },
    async all() {
      for (let end = ends.pop(); end; end = ends.pop())
        await end().catch((e: Error) => console.error(`not ended cleanly: ${e.message}`));
    },
  };
}

/** Ctrl-C, `kill` and a closed terminal end everything that was started, then us. */
export function endOnSignals(ending: Ending, last: () => Promise<void> = async () => {}): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      console.log('\nstopping …');
      void ending
        .all()
        .then(last)
        .finally(() => process.exit(130));
    });
  process.stdout.on('error', () => {}); // a closed terminal must not stop the stopping
}

/** @throws when `what` has not happened after `ms`. */
export function within<T>(ms: number, what: string, happens: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} did not happen within ${ms / 1000} s`)), ms);
  return Promise.race([happens, promise]).finally(() => clearTimeout(timer));
}

/** Runs `act` for each item, `width` at a time. */
export async function inLanes<T, R>(items: readonly T[], width: number, act: (item: T, i: number) => Promise<R>) {
  const done: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) done[i] = await act(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return done;
}
