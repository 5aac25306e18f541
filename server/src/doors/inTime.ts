export class Late extends Error {}

const deadlineMs = 5000;
const lookMs = 250;
type Waiting = { until: number; late(): void };
/** In the order of their deadlines, since all have as long. */
const waiting = new Set<Waiting>();
let looking: NodeJS.Timeout | null = null;

function look(): void {
  const now = performance.now();
  for (const one of waiting) {
    if (one.until > now) break;
    waiting.delete(one);
    one.late();
  }
  if (waiting.size > 0 || !looking) return;
  clearInterval(looking);
  looking = null;
}

/** The work, or Late after 5 s. One clock for all calls: a timer for each costs more than many a call. */
export function inTime<T>(work: Promise<T>): Promise<T> {
  looking ??= setInterval(look, lookMs).unref();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const one = { until: performance.now() + deadlineMs, late: () => reject(new Late('no answer in time')) };
  waiting.add(one);
  work.then(
    (value) => {
      waiting.delete(one);
      resolve(value);
    },
    (error: unknown) => {
      waiting.delete(one);
      reject(error);
    },
  );
  return promise;
}
