import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';
import type { Message } from '@hearthline/shared/contracts/message';
import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import type { CallerView, ClinicianView, DeskView } from '@hearthline/shared/contracts/views';
import { io } from 'socket.io-client';
import type { Member } from '../support/crew.ts';
import { origin } from './cluster.ts';
import type { History } from './history.ts';
import type { Proxy } from './proxy.ts';

type Answer = { ok: true; value: unknown } | { ok: false; refusal: { code: string; retryable: boolean } };
const deadlineMs = 5000;
const patienceMs = 90_000;
/** The very same call would be refused for ever: the page does something else first. */
const notTheSameAgain = new Set(['line.nobodyHere', 'message.staleEpoch']);
/** From a network that is not ours: it must be found nowhere afterwards (I24). */
export const theirAddress = '203.0.113.77';
export const theirAgent = 'Mozilla/5.0 (rig-canary-agent)';

export type Person = ReturnType<typeof createPerson>;

/** What somebody's page shows; a clinician's is another than a peer's. */
type View = CallerView | DeskView | ClinicianView;
const views = { caller: 'caller.view', peer: 'desk.view', clinician: 'clinician.view' } as const;
type Talk = { id: string; epoch: number; lastSeq: number };

/**
 * One browser with its page: it reconnects like ours, sends the same command again until it is answered, fetches what it
 * missed by number, and writes down what it asked and was told.
 */
export function createPerson(as: keyof typeof views, { id, cookie }: Member, front: Proxy, history: History) {
  const socket = io(`http://127.0.0.1:${front.port}`, {
    path: socketPath,
    transports: ['websocket'],
    query: { as: as === 'caller' ? as : 'staff', v: protocolVersion, tab: randomUUID() },
    extraHeaders: {
      Host: new URL(origin).host,
      Origin: origin,
      Cookie: cookie,
      'X-Forwarded-For': theirAddress,
      'X-Forwarded-Proto': 'https',
      'User-Agent': theirAgent,
    },
    reconnectionDelay: 250,
    reconnectionDelayMax: 2000,
    randomizationFactor: 0.5,
    forceNew: true,
  });
  /** By conversation: everything received, by number. */
  const transcripts = new Map<string, Map<number, Message>>();
  let view: View | null = null;
  let closed = false;
  const watchers = new Set<() => void>();
  const check = () => watchers.forEach((w) => w());

  async function once<N extends DoorName>(door: N, input: DoorInput<N>): Promise<Answer> {
    return (await socket
      .timeout(deadlineMs)
      .emitWithAck(door, input)
      .catch(() => ({ ok: false, refusal: { code: 'network.lost', retryable: true } }))) as Answer;
  }

  /** Knocks until there is an answer that stands. @throws the code of a refusal; 'unknown' when there never was one. */
  async function call<N extends DoorName>(door: N, input: DoorInput<N>): Promise<DoorOutput<N>> {
    const args = input as Record<string, unknown>;
    const number = history.invoke(id, door, args);
    const until = history.now() + patienceMs;
    for (let pause = 200; !closed && history.now() < until; pause = Math.min(2000, pause * 2)) {
      const answer = await once(door, input);
      if (answer.ok) {
        history.end(id, door, number, 'ok', args, answer.value);
        if (isView(answer.value)) shown(answer.value);
        return answer.value as DoorOutput<N>;
      }
      if (!answer.refusal.retryable || notTheSameAgain.has(answer.refusal.code)) {
        history.end(id, door, number, 'fail', args, answer.refusal.code);
        throw new Error(answer.refusal.code);
      }
      await setTimeout(pause);
    }
    history.end(id, door, number, 'info', args, null);
    throw new Error('unknown');
  }

  function take(m: Message): void {
    const known = transcripts.get(m.conversationId) ?? new Map<number, Message>();
    transcripts.set(m.conversationId, known);
    history.told(id, 'message', {
      conversationId: m.conversationId,
      seq: m.seq,
      clientId: m.clientId,
      senderId: m.senderId,
    });
    if (!known.has(m.seq)) known.set(m.seq, m);
    check();
  }
  const fetching = new Set<string>();
  /** By conversation: the number after which it begins for whoever came into it later. */
  const begins = new Map<string, number>();
  /** The server that this page is at. */
  const server = (): number | null => {
    const { transport } = socket.io.engine as unknown as { transport: { ws?: { _socket?: { localPort?: number } } } };
    return front.leadsTo(transport.ws?._socket?.localPort ?? 0);
  };
  let connectedAt: number | null = null;
  async function fetchMissing(conversationId: string): Promise<void> {
    if (fetching.has(conversationId)) return;
    fetching.add(conversationId);
    try {
      for (;;) {
        const known = transcripts.get(conversationId) ?? new Map<number, Message>();
        let after = begins.get(conversationId) ?? 0;
        while (known.has(after + 1)) after++;
        const answer = await once('message.fetch', { conversationId, after });
        if (!answer.ok) return;
        const page = answer.value as DoorOutput<'message.fetch'>;
        for (const m of page.messages) if (!known.has(m.seq)) take(m);
        const [first] = page.messages;
        if (first && after === 0) begins.set(conversationId, first.seq - 1);
        if (first && (page.messages.at(-1)?.seq ?? 0) < page.lastSeq) continue;
        if (connectedAt !== null) history.told(id, 'complete', { ms: history.now() - connectedAt, server: server() });
        connectedAt = null;
        return;
      }
    } finally {
      fetching.delete(conversationId);
    }
  }
  const mark = { caller: 'stage', peer: 'peer', clinician: 'escalations' }[as];
  const isView = (value: unknown): value is View =>
    typeof value === 'object' && value !== null && 'now' in value && mark in value;
  function talks(): Talk[] {
    if (!view) return [];
    if ('stage' in view) return view.stage === 'talking' ? [view.conversation] : [];
    return view.conversations.filter((c) => c.state === 'live');
  }
  const talking = (): string[] => talks().map((c) => c.id);
  function shown(next: View): void {
    if (view && view.now > next.now) return;
    view = next;
    if ('conversations' in next)
      for (const c of next.conversations)
        if (c.can.includes('end')) history.told(id, 'holds', { conversationId: c.id, now: Date.parse(next.now) });
    if (talking().length === 0) connectedAt = null; // nothing to be complete of
    for (const conversationId of talking()) void fetchMissing(conversationId);
    check();
  }
  const own = views[as];
  const ask = async () => {
    const answer = await once(own, {});
    if (answer.ok) shown(answer.value as View);
  };
  socket.on('connect', () => {
    history.told(id, 'connect', server());
    connectedAt = history.now();
    void ask();
  });
  socket.on('disconnect', (reason) => {
    history.told(id, 'disconnect', reason);
    if (reason === 'io server disconnect' && !closed) socket.connect();
  });
  socket.on(own, (v: CallerView & DeskView & ClinicianView) => {
    if (as === 'peer') for (const offer of (v as DeskView).offers) history.told(id, 'offer', offer.id);
    shown(v);
  });
  socket.on('message', (m: Message) => {
    take(m);
    void fetchMissing(m.conversationId);
  });
  socket.on('heartbeat', ({ lastSeq }: { lastSeq: Record<string, number> }) => {
    for (const [conversationId, last] of Object.entries(lastSeq))
      if (last > (transcripts.get(conversationId)?.size ?? 0)) void fetchMissing(conversationId);
  });
  const asking = setInterval(() => void ask(), 30_000);

  return {
    id,
    socket,
    transcripts,
    view: () => view,
    call,
    ask,
    /** The very same command once more, as a page does whose answer was lost. */
    repeat: <N extends DoorName>(door: N, input: DoorInput<N>) => once(door, input),
    /** One's own message has its number from the answer; nobody else tells it. */
    async send(conversationId: string): Promise<void> {
      for (;;) {
        const m = {
          conversationId,
          clientId: randomUUID(),
          epoch: talks().find((c) => c.id === conversationId)?.epoch ?? 1,
          iv: randomBytes(12).toString('base64'),
          ciphertext: randomBytes(272).toString('base64'),
        };
        const sent = await call('message.send', m).catch(async (e: Error) => {
          if (e.message !== 'message.staleEpoch') throw e; // nothing was stored: sealed anew, under a new id
          await ask();
        });
        if (sent) return take({ ...m, senderId: id, ...sent });
      }
    },
    /** Called at each change of what the page shows, until the end. */
    watch: (look: () => void) => void watchers.add(look),
    look: check,
    /** Resolves when it holds of what the page shows. @throws after `ms`. */
    async until(what: string, holds: () => boolean, ms = 30_000): Promise<void> {
      if (holds()) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const watch = () => {
        if (holds()) resolve();
      };
      watchers.add(watch);
      const timer = globalThis.setTimeout(
        () => reject(new Error(`${as} ${id}: ${what} did not come within ${ms} ms`)),
        ms,
      );
      await promise.finally(() => {
        watchers.delete(watch);
        clearTimeout(timer);
      });
    },
    /** The connection is gone for a moment, as when a phone changes its network. */
    drop: () => socket.io.engine.close(),
    close(): void {
      closed = true;
      clearInterval(asking);
      socket.disconnect();
    },
  };
}
