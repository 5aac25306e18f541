const FIRST_MS = 100;
const LONGEST_MS = 10_000;
const CALM_MS = 60_000;

/** Milliseconds to wait before start number `failures + 1`: at once, then doubling up to 10 s. */
export const backoffMs = (failures) => Math.min(LONGEST_MS, failures <= 1 ? FIRST_MS : 500 * 2 ** (failures - 2));

/**
 * Keeps one program running: starts it again when it dies, with a growing pause while it keeps dying.
 *
 * @param {string} name
 * @param {() => Promise<{ exited: Promise<unknown>, stop: () => Promise<void> }>} start
 * @param {(text: string) => void} say
 */
export async function keepAlive(name, start, say) {
  let current = await start();
  let failures = 0;
  let stopping = false;
  let wake = () => {};
  const loop = (async () => {
    while (!stopping) {
      const since = Date.now();
      await current.exited;
      if (stopping) return;
      failures = Date.now() - since > CALM_MS ? 1 : failures + 1;
      while (!stopping) {
        const pause = backoffMs(failures);
        say(`${name} has stopped; starting it again${pause > FIRST_MS ? ` in ${pause / 1000} s` : ''}`);
        await new Promise((done) => {
          const timer = setTimeout(done, pause);
          wake = () => (clearTimeout(timer), done());
        });
        if (stopping) return;
        try {
          current = await start();
          break;
        } catch (error) {
          say(`${name}: ${error.message}`);
          failures++;
        }
      }
    }
  })();
  return {
    get current() {
      return current;
    },
    async stop() {
      stopping = true;
      wake();
      await current.stop();
      await loop;
      await current.stop(); // a start that was under way when we were asked to stop
    },
  };
}
