import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import type { Server } from 'socket.io';
import type { Deps } from '../deps.ts';
import { every } from '../due/loop.ts';
import { bucket } from '../doors/limits.ts';
import { createAdmission } from './admission.ts';

/** What of a connection of Engine.IO is looked at here; its own types leave out what it holds back for sending. */
export type Connection = {
  request: IncomingMessage & { _query: Record<string, string> };
  transport: { socket?: { bufferedAmount: number; terminate(): void; on(event: 'ping', heard: () => void): void } };
  writeBuffer: { data?: string | Uint8Array }[];
  on(event: 'packet' | 'close', heard: () => void): void;
  close(): void;
};
const mostHeldBack = 256 * 1024;
const lookEveryMs = 1000;
/** For what was answered by now to leave; whoever goes on sending is not read for longer. */
const graceMs = 1000;

/**
 * What stands between a connection and Socket.IO, so that nobody can take a node by what they send, how often they come or
 * by not reading. `personOf` says whose connection it is.
 */
export function guardConnections(
  http: HttpServer,
  io: Server,
  deps: Pick<Deps, 'config' | 'log'>,
  personOf: (req: IncomingMessage) => string | null,
) {
  const { limits } = deps.config;
  const connects = bucket(limits.connectsPerMin, 60_000);
  /** Three times the calls that are answered: whoever goes on after being told to slow down is cut off. */
  const packets = bucket(limits.callsPer10S * 3, 10_000);
  const open = new Map<string, Set<Connection>>();
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
  let loopDelayMs = 0;
  const admit = createAdmission(() => loopDelayMs);
  const countOf = (person: string): number => open.get(person)?.size ?? 0;

  // between the request and the handshake nobody else listens: a reset of the connection would end the process
  http.prependListener('upgrade', (_req: IncomingMessage, socket: Duplex) => void socket.on('error', () => {}));
  // an id of a connection is never asked for over WebSocket alone; whoever had one could take the connection over
  io.engine.use((req: Connection['request'], _res: unknown, next: (error?: Error) => void) =>
    next('sid' in req._query ? new Error('no connection is taken over') : undefined),
  );
  io.engine.on('connection', (conn: Connection) => {
    const person = personOf(conn.request);
    if (person === null || countOf(person) >= limits.socketsPerPerson) return conn.close();
    const all = open.get(person) ?? new Set();
    open.set(person, all.add(conn));
    let going = false;
    const spend = () => {
      if (going || packets.take(person)) return;
      going = true;
      sendAway(conn);
    };
    conn.on('packet', spend);
    conn.transport.socket?.on('ping', spend);
    conn.on('close', () => {
      all.delete(conn);
      if (all.size === 0) open.delete(person);
    });
  });
  /** Not closed in turn: whoever does not read would never hear of it, and what is held back for them would stay. */
  const looking = every(lookEveryMs, 'look at connections', deps.log, async () => {
    loopDelayMs = loop.max / 1e6;
    loop.reset();
    for (const all of open.values())
      for (const conn of all) if (heldBack(conn) > mostHeldBack) conn.transport.socket?.terminate();
  });

  return {
    /** Whether a connection may be tried with this session: not too often, and not while this node is late. Asked before anything is looked up. */
    mayTry: (session: string): boolean => connects.take(session) && admit(),
    /** Whether this person may have one more. */
    mayConnect: (person: string): boolean => countOf(person) < limits.socketsPerPerson,
    async stop() {
      loop.disable();
      await looking.stop();
    },
  };
}

/** Closes a connection after the answers of this very turn, whether the other side takes part in that or not. */
export function sendAway(conn: Connection): void {
  setImmediate(() => conn.close());
  setTimeout(() => conn.transport.socket?.terminate(), graceMs).unref();
}

/** Bytes that wait for this reader: in our own buffer, and in that of the connection. */
function heldBack({ writeBuffer, transport }: Connection): number {
  const ours = writeBuffer.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  return ours + (transport.socket?.bufferedAmount ?? 0);
}
