export class Late extends Error {}

const deadlineMs = 5000;
const lookMs = 250;
/**
 * A ring in the order of the deadlines, since all have as long. No Set: each table that a Set outgrows stays tied to the
 * next until a full collection, and keeps what was in it, which made full collections frequent under load.
 */
type Waiting = { until: number; late(): void; before: Waiting | null; after: Waiting | null };
const ring: Waiting = { until: Infinity, late() {}, before: null, after: null };
ring.before = ring.after = ring;
let looking: NodeJS.Timeout | null = null;

function enter(late: () => void): Waiting {
  const one: Waiting = { until: performance.now() + deadlineMs, late, before: ring.before, after: ring };
  if (ring.before) ring.before.after = one;
  ring.before = one;
  looking ??= setInterval(look, lookMs).unref();
  return one;
}

/** Twice is as good as once. */
function leave(one: Waiting): void {
  if (one.before) one.before.after = one.after;
  if (one.after) one.after.before = one.before;
  one.before = one.after = null;
}

function look(): void {
  const now = performance.now();
  for (let one = ring.after; one && one.until <= now; one = ring.after) {
    leave(one);
    one.late();
  }
  if (ring.after !== ring || !looking) return;
  clearInterval(looking);
  looking = null;
}

/** The work, or Late after 5 s. One clock for all calls: a timer for each costs more than many a call. */
export function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const one = enter(() => reject(new Late('no answer in time')));
  work.then(
    (value) => {
      leave(one);
      resolve(value);
    },
    (error: unknown) => {
      leave(one);
      reject(error);
    },
  );
  return promise;
}
