import { every } from './every.ts';
import { startProxy, type Proxy } from './proxy.ts';

const checkMs = 500;
const patienceMs = 1000;

/**
 * A load balancer as small as they come: each connection to the next server that says it is ready, whatever server this
 * visitor had before.
 */
export async function startFront(ports: readonly number[]): Promise<{ proxy: Proxy; close(): Promise<void> }> {
  const ready = new Set(ports);
  let turn = 0;
  const proxy = await startProxy(() => {
    const open = ports.filter((port) => ready.has(port));
    const port = open[turn++ % Math.max(1, open.length)];
    return port ? { host: '127.0.0.1', port } : null;
  });
  const checks = ports.map((port) =>
    every(checkMs, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(patienceMs) }).catch(
        () => null,
      );
      if (answer?.ok) ready.add(port);
      else ready.delete(port);
      await answer?.arrayBuffer();
    }),
  );
  return {
    proxy,
    async close() {
      await Promise.all(checks.map((stop) => stop()));
      await proxy.close();
    },
  };
}
