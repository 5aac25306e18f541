import { randomUUID } from 'node:crypto';
import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';
import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import { leanSocket, type Answer, type LeanSocket } from '../load/leanSocket.ts';
import type { History } from './history.ts';

/** A way to one server: where we connect, and what the server believes its own address to be. */
export type Way = { port: number; host: string };

/** As our pages: web/src/lib/realtime/connection.svelte.ts and the server's ping settings. */
const firstDelayMs = 250;
const longestDelayMs = 2000;
const quietMs = 18_000;
const deadlineMs = 5000;
const askAgainMs = 30_000;
const connectMs = 5000;

export type Line = ReturnType<typeof openLine>;

/**
 * One person's line to whichever server answers: it comes back by itself with the delays of a page, to any server, and asks
 * for its view again. `again` is called on every connect.
 */
export function openLine(
  who: { name: string; as: 'caller' | 'staff'; cookie: string; userAgent: string },
  ways: readonly Way[],
  random: () => number,
  history: History,
  on: { event(name: string, payload: unknown): void; again(): Promise<void> },
) {
  const tab = randomUUID();
  let socket: LeanSocket | null = null;
  let closed = false;
  let tries = 0;
  const asking = setInterval(() => socket && void on.again().catch(() => {}), askAgainMs);

  async function keep(): Promise<void> {
    while (!closed) {
      const way = ways[Math.floor(random() * ways.length)] as Way;
      socket = await connect(way).catch(() => null);
      if (socket && !closed) {
        tries = 0;
        socket.on(on.event);
        history.add(who.name, 'line', 'info', { up: true });
        void on.again().catch(() => {});
        await socket.closed;
        history.add(who.name, 'line', 'info', { up: false });
      }
      socket?.close();
      socket = null;
      if (!closed) await pause(Math.min(longestDelayMs, firstDelayMs * 2 ** tries++) * (0.5 + random()));
    }
  }

  function connect(way: Way): Promise<LeanSocket> {
    const query = `&as=${who.as}&v=${protocolVersion}&tab=${tab}`;
    const headers = { Host: way.host, Origin: `http://${way.host}`, Cookie: who.cookie, 'User-Agent': who.userAgent };
    const opening = leanSocket({ port: way.port, path: socketPath, query, headers, quietMs });
    const late = pause(connectMs).then(() => null);
    return Promise.race([opening, late]).then((opened) => {
      if (opened) return opened;
      void opening.then((o) => o.close()).catch(() => {});
      throw new Error('not connected in time');
    });
  }

  /** Knocks once. Never throws: a lost connection and a missing answer are retryable refusals, as in a page. */
  function call<N extends DoorName>(
    door: N,
    input: DoorInput<N>,
  ): Promise<{ ok: true; value: DoorOutput<N> } | { ok: false; code: string }> {
    const now = socket;
    if (!now) return pause(100).then(() => ({ ok: false, code: 'network.lost' }));
    return new Promise((done) => {
      const timer = setTimeout(() => done({ ok: false, code: 'network.lost' }), deadlineMs);
      now.emit(door, input, (answer: Answer) => {
        clearTimeout(timer);
        done(answer.ok ? { ok: true, value: answer.value as DoorOutput<N> } : { ok: false, code: answer.refusal.code });
      });
    });
  }

  /**
   * A command until it is answered for good, always with the same input, so with the same commandId. What a page retries:
   * a lost connection, and a server that broke or is busy.
   */
  async function command<N extends DoorName>(door: N, input: DoorInput<N>, args: object = {}, forMs = 120_000) {
    history.add(who.name, door, 'invoke', { ...input, ...args });
    const end = Date.now() + forMs;
    for (;;) {
      const answer = await call(door, input);
      if (answer.ok) {
        history.add(who.name, door, 'ok', { ...input, ...args, answer: answer.value });
        return answer;
      }
      const again = ['network.lost', 'server.broke', 'server.busy', 'rate.slowDown'].includes(answer.code);
      if (!again || closed || Date.now() > end) {
        history.add(who.name, door, again ? 'info' : 'fail', { ...input, ...args, code: answer.code });
        return answer;
      }
      await pause(200 + 300 * random());
    }
  }

  const kept = keep();
  return {
    call,
    command,
    get up() {
      return socket !== null;
    },
    /** As when the network breaks: the page notices and comes back. */
    drop: () => socket?.close(),
    async close() {
      closed = true;
      clearInterval(asking);
      socket?.close();
      await Promise.race([kept, pause(3000)]);
    },
  };
}

export const pause = (ms: number) => new Promise<void>((done) => void setTimeout(done, ms));
