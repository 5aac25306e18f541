import net from 'node:net';

/**
 * Between two programs, on loopback:
 * - `pass`; `delay` each piece by so many ms; `throttle` to so many bytes a second, both ways;
 * - `cut`: what is open is reset, what comes is refused;
 * - `blackHole`: nothing passes and nobody is told; what was on its way goes on when it is over;
 * - `halfOpen`: requests arrive, answers do not;
 * - `dropReply`: the next answer after which `when` holds is lost with its connection, once; then `pass`.
 */
export type Mode =
  | { kind: 'pass' | 'cut' | 'blackHole' | 'halfOpen' }
  | { kind: 'delay'; ms: number }
  | { kind: 'throttle'; bytesPerSecond: number }
  | { kind: 'dropReply'; when: (request: Buffer) => boolean };

export type Proxy = {
  port: number;
  set(mode: Mode): void;
  connections(): number;
  /** To which port a connection that came from this one goes on; null: there is none. */
  leadsTo(clientPort: number): number | null;
  close(): Promise<void>;
};
type Upstream = () => net.NetConnectOpts | null;
type Pair = {
  client: net.Socket;
  server: net.Socket;
  from: number | undefined;
  to: number | null;
  lastRequest: Buffer;
};

const portOf = (to: net.NetConnectOpts): number | null => ('port' in to ? to.port : null);

/** @param upstream asked for each connection; null refuses it. */
export async function startProxy(upstream: Upstream): Promise<Proxy> {
  let mode: Mode = { kind: 'pass' };
  const pairs = new Set<Pair>();
  let healed: (() => void)[] = [];

  const listener = net.createServer({ noDelay: true }, (client) => {
    const to = mode.kind === 'cut' ? null : upstream();
    client.on('error', () => {});
    if (!to) return void client.resetAndDestroy();
    if (mode.kind === 'blackHole') return void healed.push(() => client.resetAndDestroy()); // accepted by the kernel, answered by nobody
    const server = net.connect(to);
    const pair: Pair = { client, server, from: client.remotePort, to: portOf(to), lastRequest: Buffer.alloc(0) };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    pass(client, server, (piece) => {
      pair.lastRequest = piece;
      return true;
    });
    pass(server, client, () => {
      if (mode.kind === 'halfOpen') return false;
      if (mode.kind !== 'dropReply' || !mode.when(pair.lastRequest)) return true;
      mode = { kind: 'pass' };
      client.resetAndDestroy();
      return false;
    });
  });

  /** Pieces in order, each as late as the mode asks; `may` decides whether it goes on at all. */
  function pass(from: net.Socket, to: net.Socket, may: (piece: Buffer) => boolean): void {
    let last: Promise<void> = Promise.resolve();
    from.on('data', (piece: Buffer) => {
      from.pause();
      last = last.then(async () => {
        if (mode.kind === 'delay') await new Promise((done) => setTimeout(done, (mode as { ms: number }).ms));
        if (mode.kind === 'throttle')
          await new Promise((done) =>
            setTimeout(done, (piece.length * 1000) / (mode as { bytesPerSecond: number }).bytesPerSecond),
          );
        if (mode.kind === 'blackHole') await new Promise<void>((done) => healed.push(done));
        if (may(piece) && !to.destroyed) to.write(piece);
        from.resume();
      });
    });
  }

  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  const proxy: Proxy = {
    port: (listener.address() as net.AddressInfo).port,
    set(next) {
      mode = next;
      if (next.kind === 'cut')
        for (const { client, server } of pairs) {
          client.resetAndDestroy();
          server.destroy();
        }
      if (next.kind !== 'blackHole') {
        const waiting = healed;
        healed = [];
        for (const go of waiting) go();
      }
    },
    connections: () => pairs.size,
    leadsTo: (clientPort) => [...pairs].find((pair) => pair.from === clientPort)?.to ?? null,
    async close() {
      proxy.set({ kind: 'cut' });
      await new Promise((done) => listener.close(done));
    },
  };
  return proxy;
}
