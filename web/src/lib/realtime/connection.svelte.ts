import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';
import type { RosterView } from '@hearthline/shared/contracts/onCall';
import type { Refusal } from '@hearthline/shared/contracts/refusals';
import type { ServerEventName, ServerEvents } from '@hearthline/shared/contracts/socketEvents';
import { app_link_lost } from '#lib/paraglide/messages.js';
import { io, type Socket } from 'socket.io-client';
import { keepTabId, takeTabId } from './tabId.ts';

export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };
export type EventPayload<E extends ServerEventName> = ServerEvents[E]['_zod']['output'];
/** offline: the device says so; reconnecting: it had a connection before; polling: no WebSocket, but doors answer over HTTP; gone: the session ended. */
export type LinkState = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline' | 'gone';

const protocolVersion = 1;
const deadlineMs = 5000;
const askAgainMs = 30_000;
const pollAfterMs = 10_000;
const pollMs = 3000;
const spreadMs = 2000;
/** A page of another build reloads itself, but never more often than this: two builds may answer side by side for a while. */
const reloadAfterMs = 20_000;
const unreachable = (): Refusal => ({
  code: 'network.lost',
  message: app_link_lost(),
  retryable: true,
});

/**
 * The page's one line to the server. Views are pushed for speed and asked for again on every connect, on focus and each
 * 30 s; where no WebSocket can be had for 10 s the same doors are asked over HTTP.
 */
export class Connection {
  state = $state<LinkState>('connecting');
  /** What the page shows of others is what is so now. */
  readonly connected = $derived(this.state === 'live' || this.state === 'polling' || this.state === 'connecting');
  /** False while another tab holds this session: then only pushed views count. */
  asks = true;
  #as: 'caller' | 'staff';
  #tab = takeTabId();
  #forgetTab = () => {};
  #socket: Socket | null = null;
  #offset = 0;
  #listeners = new Map<string, Set<(payload: never) => void>>();
  #timers: ReturnType<typeof setInterval>[] = [];
  #lostAt = 0;
  #onFocus = () => this.askAgain();
  #onNetwork = () => {
    if (!navigator.onLine) this.#lost();
    else if (this.#socket?.connected) this.state = 'live';
    else this.#socket?.connect();
  };

  constructor(as: 'caller' | 'staff') {
    this.#as = as;
  }

  /** The server's clock, in milliseconds: this device's own may be wrong by a day. */
  serverNow = (): number => Date.now() + this.#offset;

  open(): void {
    this.#lostAt = Date.now();
    this.#forgetTab = keepTabId(this.#tab);
    const socket = io({
      path: '/live',
      transports: ['websocket'],
      query: { as: this.#as, v: String(protocolVersion), tab: this.#tab },
      // the first try is anywhere within two seconds: a lost server's people do not come back all at once (F40)
      reconnectionDelay: spreadMs / 2,
      reconnectionDelayMax: spreadMs,
      randomizationFactor: 1,
    });
    this.#socket = socket;
    socket.on('connect', () => {
      this.state = 'live';
      this.askAgain();
      this.#tell('connect', null);
    });
    socket.on('disconnect', (reason) => {
      if (this.state === 'gone') return;
      this.#lost();
      // a server that goes; its next self takes us back
      if (reason === 'io server disconnect')
        this.#timers.push(setTimeout(() => socket.connect(), Math.random() * spreadMs));
    });
    socket.on('connect_error', () => this.#lost());
    socket.onAny((name: string, payload: { now?: string }) => {
      this.#hear(payload);
      this.#tell(name, payload);
    });
    socket.on('goodbye', ({ why }: EventPayload<'goodbye'>) => {
      if (why === 'newVersion')
        return void setTimeout(() => location.reload(), Math.max(0, reloadAfterMs - performance.now()));
      this.state = 'gone';
      socket.disconnect();
    });
    this.#timers.push(
      setInterval(() => this.askAgain(), askAgainMs),
      setInterval(() => this.#poll(), pollMs),
    );
    addEventListener('focus', this.#onFocus);
    addEventListener('online', this.#onNetwork);
    addEventListener('offline', this.#onNetwork);
  }

  close(): void {
    this.#forgetTab();
    for (const timer of this.#timers) clearInterval(timer);
    removeEventListener('focus', this.#onFocus);
    removeEventListener('online', this.#onNetwork);
    removeEventListener('offline', this.#onNetwork);
    this.#socket?.disconnect();
    this.#listeners.clear();
  }

  on<E extends ServerEventName>(name: E, take: (payload: EventPayload<E>) => void): () => void;
  /** A view that is only asked for. */
  on(name: 'roster.view', take: (view: RosterView) => void): () => void;
  /** locked: a door refused because the screen of this session is locked. */
  on(name: 'connect' | 'locked', take: () => void): () => void;
  on(name: string, take: (payload: never) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(take));
    return () => void set.delete(take);
  }

  /** Knocks at a door. Never throws: a lost connection is a retryable refusal like any other. */
  async call<N extends DoorName>(door: N, input: DoorInput<N>): Promise<Answer<DoorOutput<N>>> {
    const answer = this.#socket?.connected ? await this.#overSocket(door, input) : await this.#overHttp(door, input);
    if (answer.ok) this.#hear(answer.value as { now?: string });
    else if (answer.refusal.code === 'session.locked') this.#tell('locked', null);
    return answer as Answer<DoorOutput<N>>;
  }

  /** Asks for this page's view again and tells it like a pushed one. */
  askAgain(): void {
    if (this.state !== 'gone' && this.asks) void this.#ask();
  }

  /** @returns whether the server answered at all. */
  async #ask(): Promise<boolean> {
    const views =
      this.#as === 'caller'
        ? (['caller.view'] as const)
        : (['desk.view', 'clinician.view', 'board.view', 'roster.view'] as const).filter(
            (v) => this.#listeners.get(v)?.size,
          );
    const answers = await Promise.all(
      views.map(async (view) => {
        const answer = await this.call(view, {});
        if (answer.ok && this.asks) this.#tell(view, answer.value);
        return answer.ok || answer.refusal.code !== 'network.lost';
      }),
    );
    return answers.some(Boolean);
  }

  async #overSocket(door: DoorName, input: unknown): Promise<Answer<unknown>> {
    try {
      return (await this.#socket?.timeout(deadlineMs).emitWithAck(door, input)) as Answer<unknown>;
    } catch {
      return { ok: false, refusal: unreachable() };
    }
  }

  async #overHttp(door: DoorName, input: unknown): Promise<Answer<unknown>> {
    try {
      const response = await fetch(`/api/doors/${door}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-as': this.#as, 'x-tab': this.#tab },
        body: JSON.stringify(input),
        signal: AbortSignal.timeout(deadlineMs),
      });
      return (await response.json()) as Answer<unknown>;
    } catch {
      return { ok: false, refusal: unreachable() };
    }
  }

  #poll(): void {
    if (this.state === 'live' || this.state === 'gone' || Date.now() - this.#lostAt < pollAfterMs) return;
    void this.#ask().then((heard) => {
      if (this.state === 'live' || this.state === 'gone') return;
      if (heard) this.state = 'polling';
      else if (this.state === 'polling') this.state = 'reconnecting';
    });
    this.#tell('connect', null); // conversations fetch what they miss, as after a reconnect
  }

  #lost(): void {
    if (this.state === 'live') this.#lostAt = Date.now();
    if (this.state === 'gone' || (this.state === 'polling' && navigator.onLine)) return;
    this.state = navigator.onLine ? (this.state === 'connecting' ? 'connecting' : 'reconnecting') : 'offline';
  }

  #hear(payload: { now?: string } | null): void {
    if (payload?.now) this.#offset = new Date(payload.now).getTime() - Date.now();
  }

  #tell(name: string, payload: unknown): void {
    for (const take of this.#listeners.get(name) ?? []) take(payload as never);
  }
}
