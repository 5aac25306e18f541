import type { Logger } from 'pino';

/** Runs `work` again and again, never twice at once; a failure is logged and waits for the next turn. */
export function every(ms: number, name: string, log: Logger, work: () => Promise<unknown>): { stop(): Promise<void> } {
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const turn = () => {
    running = work()
      .catch((e: Error) => log.warn({ err: e.message, loop: name }, 'a turn failed; the next one tries again'))
      .finally(() => {
        if (!stopped) timer = setTimeout(turn, ms);
      });
  };
  timer = setTimeout(turn, ms);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
