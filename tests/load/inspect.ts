/** What a process holds, after a full garbage collection: bytes, and counts of what leaks are made of. */
export type Held = { heapMb: number; rssMb: number; listeners: number; entries: number; handles: number };

export type Inspector = {
  held(): Promise<Held>;
  /** From here on the event loop is watched. */
  watchLoop(): Promise<void>;
  /** How long it was held up at most since then, in milliseconds. */
  worstLoopMs(): Promise<number>;
  close(): void;
};
type Reply = {
  id: number;
  result?: { result?: { objectId?: string; value?: unknown }; objects?: { objectId: string } };
  error?: { message: string };
};

/**
 * Looks into a Node process that was started with `--inspect` on loopback, through the inspector and without a line of
 * the product: all listeners of all event emitters, and all entries of all maps and sets.
 * @param output what the process printed; its first line names the inspector's address.
 */
export async function inspector(output: string): Promise<Inspector> {
  const url = /ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/.exec(output)?.[0];
  if (!url) throw new Error('the process has no inspector');
  const socket = new WebSocket(url);
  await new Promise((done, fail) => {
    socket.onopen = done;
    socket.onerror = () => fail(new Error('the inspector does not answer'));
  });
  const waiting = new Map<number, { done: (r: Reply) => void; fail: (e: Error) => void }>();
  socket.onmessage = ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply;
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error) one?.fail(new Error(reply.error.message));
    else one?.done(reply);
  };
  let next = 0;
  const ask = (method: string, params: object = {}): Promise<Reply> =>
    new Promise((done, fail) => {
      waiting.set(++next, { done, fail });
      socket.send(JSON.stringify({ id: next, method, params }));
    });
  const evaluate = async (expression: string) =>
    (await ask('Runtime.evaluate', { expression, returnByValue: true })).result?.result?.value;
  /** Over all living objects of a kind. @param sum a function of their array. */
  async function over(prototype: string, sum: string): Promise<number> {
    const objectGroup = 'held';
    const of = await ask('Runtime.evaluate', { expression: prototype, objectGroup });
    const all = await ask('Runtime.queryObjects', { prototypeObjectId: of.result?.result?.objectId, objectGroup });
    const total = await ask('Runtime.callFunctionOn', {
      objectId: all.result?.objects?.objectId,
      functionDeclaration: `function () { return (${sum})(this); }`,
      returnByValue: true,
    });
    await ask('Runtime.releaseObjectGroup', { objectGroup });
    return Number(total.result?.result?.value);
  }
  return {
    async held() {
      await ask('HeapProfiler.collectGarbage');
      await ask('HeapProfiler.collectGarbage');
      const memory = (await evaluate('process.memoryUsage()')) as { heapUsed: number; rss: number };
      const emitters = `process.getBuiltinModule('node:events').prototype`;
      return {
        heapMb: memory.heapUsed / 2 ** 20,
        rssMb: memory.rss / 2 ** 20,
        listeners: await over(
          emitters,
          `(all) => all.reduce((n, e) => { try { return n + e.eventNames().reduce((m, name) => m + e.listenerCount(name), 0); } catch { return n; } }, 0)`,
        ),
        entries: await over(
          'Map.prototype',
          '(all) => all.reduce((n, m) => { try { return n + m.size; } catch { return n; } }, 0)',
        ),
        handles: Number(await evaluate('process.getActiveResourcesInfo().length')),
      };
    },
    async watchLoop() {
      await evaluate(
        `void (globalThis.loopDelay = process.getBuiltinModule('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 })).enable()`,
      );
    },
    worstLoopMs: async () => Number(await evaluate('globalThis.loopDelay.max')) / 1e6,
    close: () => socket.close(),
  };
}
