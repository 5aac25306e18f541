import type { Stack } from '../support/services.ts';

/** Numbers of the server's own process, as an operator sees them. */
export async function measuresOf(url: string): Promise<{ cpuSeconds: number; heapBytes: number; sockets: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const of = (name: string): number => {
    const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (found === undefined) throw new Error(`no ${name} among the measures`);
    return Number(found);
  };
  return {
    cpuSeconds: of('process_cpu_seconds_total'),
    heapBytes: of('nodejs_heap_size_used_bytes') + of('nodejs_external_memory_bytes'),
    sockets: of('hearthline_sockets'),
  };
}

export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** Bytes of the first server that are kept once everything was collected that can be; it was started `inspected`. */
export async function keptBytes(stack: Stack): Promise<number> {
  const [debuggerUrl = ''] = /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(stack.output('server1')) ?? [];
  const inspector = new WebSocket(debuggerUrl);
  await new Promise((done) => inspector.addEventListener('open', done));
  const collected = new Promise((done) => inspector.addEventListener('message', done));
  inspector.send('{"id":1,"method":"HeapProfiler.collectGarbage"}');
  await collected;
  inspector.close();
  return (await measuresOf(stack.url)).heapBytes;
}
