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
