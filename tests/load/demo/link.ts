import { randomUUID } from 'node:crypto';
import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';
import {
  protocolVersion,
  serverEvents,
  socketPath,
  type ServerEventName,
  type ServerEvents,
} from '@hearthline/shared/contracts/socketEvents';
import { io } from 'socket.io-client';

type Payload<E extends ServerEventName> = ServerEvents[E]['_zod']['output'];
type Answer = { ok: true; value: unknown } | { ok: false; refusal: { code: string; retryable: boolean } };
const deadlineMs = 5000;
const askAgainMs = 30_000;

/** A refusal of the server, or `network.lost`. */
export class Refusal extends Error {
  readonly retryable: boolean;
  constructor(door: string, code: string, retryable: boolean) {
    super(`${door}: ${code}`);
    this.retryable = retryable;
  }
}

export type Link = {
  /** @throws a Refusal */
  call<N extends DoorName>(door: N, input: DoorInput<N>): Promise<DoorOutput<N>>;
  /** Payloads are held against their contract; a wrong one is a fault of the product and throws. */
  on<E extends ServerEventName>(event: E, take: (payload: Payload<E>) => void): () => void;
  onConnect(take: () => void): void;
  close(): void;
};

/** One browser's connection, as our pages keep it: reconnecting, and asking for its view again now and then. */
export function openLink(url: string, as: 'caller' | 'staff', cookie: string): Link {
  const socket = io(url, {
    path: socketPath,
    transports: ['websocket'],
    query: { as, v: String(protocolVersion), tab: randomUUID() },
    extraHeaders: { Cookie: cookie, Origin: url },
    reconnectionDelay: 250,
    reconnectionDelayMax: 2000,
    forceNew: true,
  });
  const view = as === 'caller' ? ('caller.view' as const) : ('desk.view' as const);
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const tell = (event: ServerEventName, payload: unknown) => {
    const takers = listeners.get(event);
    if (!takers) return;
    const parsed = serverEvents[event].parse(payload);
    for (const take of takers) take(parsed as never);
  };
  for (const event of Object.keys(serverEvents) as ServerEventName[])
    socket.on(event, (payload: unknown) => tell(event, payload));
  const ask = () =>
    void link
      .call(view, {})
      .then((shown) => tell(view, shown))
      .catch(() => {}); // asked again soon
  const asking = setInterval(ask, askAgainMs);
  const link: Link = {
    async call<N extends DoorName>(door: N, input: DoorInput<N>) {
      const answer = (await socket
        .timeout(deadlineMs)
        .emitWithAck(door, input)
        .catch(() => ({ ok: false, refusal: { code: 'network.lost', retryable: true } }))) as Answer;
      if (!answer.ok) throw new Refusal(door, answer.refusal.code, answer.refusal.retryable);
      return answer.value as DoorOutput<N>;
    },
    on(event, take) {
      const takers = listeners.get(event) ?? new Set();
      listeners.set(event, takers.add(take));
      return () => void takers.delete(take);
    },
    onConnect: (take) => void socket.on('connect', take),
    close() {
      clearInterval(asking);
      listeners.clear();
      socket.disconnect();
    },
  };
  socket.on('connect', ask);
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect' && listeners.size > 0) socket.connect(); // a server that restarts takes us back
  });
  return link;
}
