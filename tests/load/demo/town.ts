/** What simulated people share: the address, the pace, the word that it is over, and a voice in the terminal. */
export type Town = {
  /** `http://127.0.0.1:<port>` */
  url: string;
  line: { slug: string; consentVersion: number };
  say(text: string): void;
  readonly stopped: boolean;
  readonly whenStopped: Promise<void>;
  /** A human pause of so many seconds, shorter by the pace; it ends at once when the demo stops. */
  pause(from: number, to: number): Promise<void>;
  /** Resolves when one more caller may ask; some room always stays for people who try the line by hand. */
  mayJoin(): Promise<void>;
  count: { waiting: number; talking: number; finished: number };
};

/** Of the 60 a network has by default in 10 minutes. */
const joinsInTenMinutes = 40;
const tenMinutes = 600_000;

export type TownOptions = Pick<Town, 'url' | 'line' | 'say'> & { pace: number; stop: AbortSignal };

export function createTown({ url, line, say, pace, stop }: TownOptions): Town {
  const joins: number[] = [];
  const stopping = new Set<() => void>();
  const whenStopped = new Promise<void>((done) => stopping.add(done));
  stop.addEventListener('abort', () => stopping.forEach((tell) => tell()), { once: true });
  const town: Town = {
    url,
    line,
    say,
    count: { waiting: 0, talking: 0, finished: 0 },
    whenStopped,
    get stopped() {
      return stop.aborted;
    },
    pause(from, to) {
      if (stop.aborted) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, (from + Math.random() * (to - from)) * 1000 * pace);
      stopping.add(resolve);
      return promise.finally(() => {
        clearTimeout(timer);
        stopping.delete(resolve);
      });
    },
    async mayJoin() {
      for (;;) {
        const since = performance.now() - tenMinutes;
        while ((joins[0] ?? Infinity) < since) joins.shift();
        if (stop.aborted || joins.length < joinsInTenMinutes) return void joins.push(performance.now());
        await town.pause(5, 10);
      }
    },
  };
  return town;
}

export const oneOf = <T>(things: readonly T[]): T => things[Math.floor(Math.random() * things.length)] as T;
