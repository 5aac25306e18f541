import type { Logger } from 'pino';

const soonMs = 50;

/**
 * Computes a view again when it is dirty: one computation a key at a time, one more after it if it became dirty meanwhile.
 * What is only to be told soon is told once for all that happens in the next 50 ms, and read for everybody together.
 */
export function createProjections(log: Logger, compute: (key: string) => Promise<void>) {
  const running = new Set<string>();
  const again = new Set<string>();
  function dirty(key: string): void {
    if (running.has(key)) return void again.add(key);
    running.add(key);
    void compute(key)
      .catch((e: Error) => log.warn({ err: e.message }, 'a view could not be told; the page asks again')) // every page asks each 30 s
      .finally(() => {
        running.delete(key);
        if (again.delete(key)) dirty(key);
      });
  }
  const later = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  function soon(key: string): void {
    later.add(key);
    timer ??= setTimeout(() => {
      timer = undefined;
      const keys = [...later];
      later.clear();
      keys.forEach(dirty);
    }, soonMs);
  }
  return { dirty, soon, stop: () => clearTimeout(timer) };
}
