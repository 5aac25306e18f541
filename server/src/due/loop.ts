import type { Logger } from 'pino';

export type Loop = {
  /** Takes the next turn at once, or right after the one that runs. */
  now(): void;
  stop(): Promise<void>;
};

/** Runs `work` again and again, never twice at once; a failure is logged and waits for the next turn. */
export function every(ms: number, name: string, log: Logger, work: () => Promise<unknown>): Loop {
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  let again = false;
  let timer: NodeJS.Timeout;
  const turn = () => {
    busy = true;
    running = work()
      .catch((e: Error) => log.warn({ err: e.message, loop: name }, 'a turn failed; the next one tries again'))
      .finally(() => {
        busy = false;
        if (!stopped) timer = setTimeout(turn, again ? 0 : ms);
        again = false;
      });
  };
  timer = setTimeout(turn, ms);
  return {
    now() {
      if (busy) again = true;
      else if (!stopped) {
        clearTimeout(timer);
        turn();
      }
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Does `work` for all of them, so many at a time. @throws the first failure, when all have had their turn */
export async function sideBySide<T>(
  all: readonly T[],
  most: number,
  work: (one: T) => Promise<unknown>,
): Promise<void> {
  const failed: unknown[] = [];
  const left = all.values();
  const worker = async () => {
    for (const one of left) await work(one).catch((e: unknown) => failed.push(e));
  };
  await Promise.all(Array.from({ length: Math.min(most, all.length) }, worker));
  if (failed.length > 0) throw failed[0];
}
