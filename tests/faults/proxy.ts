import net from 'node:net';

/** A TCP port, or the path of a unix socket. */
export type Upstream = number | string;
export type ProxyMode =
  | { kind: 'pass' }
  /** Each chunk, in either direction, arrives so much later, in order. */
  | { kind: 'delay'; ms: number }
  | { kind: 'throttle'; bytesPerSecond: number }
  /** Every connection is reset, and new ones are too. */
  | { kind: 'cut' }
  /** Nothing arrives any more and nobody is told: connections stay open, new ones are taken and never answered. */
  | { kind: 'blackHole' }
  /** What is sent arrives, what is answered does not. */
  | { kind: 'halfOpen' };

export type FaultProxy = {
  readonly port: number;
  readonly connections: number;
  set(mode: ProxyMode): void;
  /** The next request with these bytes arrives; its answer does not, and the connection is reset in its place. */
  dropReplyOnce(after: string): Promise<void>;
  close(): Promise<void>;
};

type Pair = { down: net.Socket; up: net.Socket };
type Drop = { after: string; dropped: () => void };

/**
 * A TCP proxy that can be made to fail while it runs. Loopback only.
 * @param from the address that upstream sees, so that a test can look for it afterwards
 */
export async function faultProxy(upstream: Upstream, { from }: { from?: string } = {}): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let mode: ProxyMode = { kind: 'pass' };
  let drop: Drop | null = null;

  const server = net.createServer({ noDelay: true }, (down) => {
    down.on('error', () => {}); // a cut connection is this program's business
    if (mode.kind === 'cut') return void down.resetAndDestroy();
    const up =
      typeof upstream === 'string'
        ? net.connect({ path: upstream })
        : net.connect({ host: '127.0.0.1', port: upstream, noDelay: true, ...(from ? { localAddress: from } : {}) });
    up.on('error', () => {});
    const pair = { down, up };
    pairs.add(pair);
    let losesReply: Drop | null = null;
    carry(down, up, 'there', (chunk) => {
      if (!drop || !chunk.includes(drop.after)) return true;
      losesReply = drop;
      drop = null;
      return true;
    });
    carry(up, down, 'back', () => {
      if (!losesReply) return true;
      losesReply.dropped();
      reset(pair);
      return false;
    });
    for (const one of [down, up])
      one.on('close', () => {
        if (mode.kind === 'blackHole') return; // the other end is not told
        pairs.delete(pair);
        // upstream gone for good is a reset to whoever was connected; a polite end is passed on by carry
        setImmediate(() => [down, up].forEach((other) => other.destroy()));
      });
  });

  function reset({ down, up }: Pair): void {
    down.resetAndDestroy();
    up.destroy();
  }

  /** Chunks stay in order whatever the mode was when they came. */
  function carry(source: net.Socket, sink: net.Socket, way: 'there' | 'back', passes: (chunk: Buffer) => boolean) {
    let free = 0;
    const later = (waitMs: number, act: () => void) => {
      const now = performance.now();
      free = Math.max(free, now + waitMs);
      if (free <= now) act();
      else setTimeout(act, free - now);
    };
    source.on('data', (chunk: Buffer) => {
      if (!passes(chunk) || mode.kind === 'blackHole' || (mode.kind === 'halfOpen' && way === 'back')) return;
      if (mode.kind === 'throttle') {
        const takes = (chunk.length / mode.bytesPerSecond) * 1000;
        later(Math.max(0, free - performance.now()) + takes, () => sink.writable && sink.write(chunk));
      } else later(mode.kind === 'delay' ? mode.ms : 0, () => sink.writable && sink.write(chunk));
    });
    source.on('end', () => {
      if (mode.kind !== 'blackHole') later(0, () => sink.end());
    });
  }

  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as net.AddressInfo).port,
    get connections() {
      return pairs.size;
    },
    /** After a black hole or a half-open time the old connections are dead, as after a broken cable; new ones work. */
    set(next) {
      const wasDeaf = mode.kind === 'blackHole' || mode.kind === 'halfOpen';
      mode = next;
      if (next.kind !== 'cut' && !(wasDeaf && next.kind === 'pass')) return;
      for (const pair of pairs) reset(pair);
      pairs.clear();
    },
    dropReplyOnce: (after) => new Promise((dropped) => (drop = { after, dropped })),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const pair of pairs) reset(pair);
        pairs.clear();
      }),
  };
}
