/** What somebody asked and was told. `info`: nobody knows whether it happened; as in Jepsen. */
export type Entry = {
  /** Milliseconds of the run. */
  t: number;
  /** The same by the wall clock, to be held against rows. */
  at: number;
  actor: string;
  op: string;
  type: 'invoke' | 'ok' | 'fail' | 'info' | 'told';
  /** Joins an invocation to its end. */
  call?: number;
  args?: Record<string, unknown>;
  value?: unknown;
};

export type History = ReturnType<typeof createHistory>;
export function createHistory() {
  const entries: Entry[] = [];
  const start = performance.now();
  let calls = 0;
  const now = () => performance.now() - start;
  return {
    entries: entries as readonly Entry[],
    now,
    invoke(actor: string, op: string, args: Record<string, unknown>): number {
      entries.push({ t: now(), at: Date.now(), actor, op, type: 'invoke', call: ++calls, args });
      return calls;
    },
    end(
      actor: string,
      op: string,
      call: number,
      type: 'ok' | 'fail' | 'info',
      args: Record<string, unknown>,
      value: unknown,
    ) {
      entries.push({ t: now(), at: Date.now(), actor, op, type, call, args, value });
    },
    /** Something came by itself. */
    told(actor: string, op: string, value: unknown): void {
      entries.push({ t: now(), at: Date.now(), actor, op, type: 'told', value });
    },
  };
}
