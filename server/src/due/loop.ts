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
