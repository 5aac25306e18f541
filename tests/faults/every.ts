/** Runs `work` again and again, never twice at once, until it is stopped. @returns what stops it. */
export function every(ms: number, work: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let wake = () => {};
  const running = (async () => {
    while (!stopped) {
      await work().catch(() => {});
      if (!stopped)
        await new Promise<void>((done) => {
          wake = done;
          timer = setTimeout(done, ms);
        });
    }
  })();
  return () => {
    stopped = true;
    clearTimeout(timer);
    wake();
    return running;
  };
}
