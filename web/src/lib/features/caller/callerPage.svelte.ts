import type { CallerView } from '@hearthline/shared/contracts/views';
import { Connection } from '#lib/realtime/connection.svelte.ts';

declare global {
  interface Window {
    /** Set by page.js when the person leaves by the quick exit: then no "tab closed" is told. */
    hearthlineLeft?: boolean;
  }
}

/** The whole caller flow on one page: what the server says it is now, and the few things a caller can do. */
export class CallerPage {
  view: CallerView = $state.raw({ stage: 'none', now: '' });
  problem = $state<string | null>(null);
  code = $state<string | null>(null);
  readonly connection = new Connection('caller');
  readonly link = $derived(this.connection.state);
  #asked = false;
  #command = '';
  #closed = false;
  #onHide = () => {
    if (!window.hearthlineLeft && this.view.stage !== 'elsewhere') navigator.sendBeacon('/api/caller/away');
  };

  constructor(first: CallerView) {
    this.view = first;
  }

  open(): void {
    this.connection.on('caller.view', (v) => this.#take(v));
    this.connection.on('caller.place', ({ now, requestId, place, peersOnShift }) => {
      if (this.view.stage === 'waiting' && this.view.requestId === requestId && now >= this.view.now)
        this.view = { ...this.view, place, peersOnShift }; // its `now` stays: a view on its way may hold more than this
    });
    this.connection.open();
    addEventListener('pagehide', this.#onHide);
    this.#take(this.view);
  }
  close(): void {
    this.#closed = true;
    removeEventListener('pagehide', this.#onHide);
    this.connection.close();
  }

  /** Asks for a place; the same command again after a lost answer is the same place. */
  async ask(): Promise<void> {
    if (this.#closed) return;
    this.#asked = true;
    this.#command ||= crypto.randomUUID();
    const answer = await this.connection.call('request.open', { commandId: this.#command });
    if (answer.ok) {
      this.#command = '';
      this.problem = null;
      return this.#take(answer.value);
    }
    if (answer.refusal.code === 'network.lost') return void setTimeout(() => void this.ask(), 1000);
    this.#command = '';
    this.problem = answer.refusal.message;
  }
  retry = () => this.ask();
  takeOver = () => this.#view(this.connection.call('caller.takeOver', {}));
  leave = () => this.#view(this.connection.call('request.leave', { commandId: crypto.randomUUID() }));
  nextPeer = (conversationId: string) =>
    this.#view(this.connection.call('conversation.nextPeer', { commandId: crypto.randomUUID(), conversationId }));
  async end(conversationId: string): Promise<void> {
    const answer = await this.connection.call('conversation.end', {
      commandId: crypto.randomUUID(),
      conversationId,
      reason: 'finished',
    });
    if (!answer.ok && answer.refusal.retryable) this.problem = answer.refusal.message;
    this.connection.askAgain();
  }
  async makeCode(): Promise<void> {
    const answer = await this.connection.call('code.create', {});
    if (answer.ok) this.code = answer.value.code;
    else this.problem = answer.refusal.message;
  }

  async #view(
    call: Promise<{ ok: true; value: CallerView } | { ok: false; refusal: { message: string } }>,
  ): Promise<void> {
    const answer = await call;
    if (answer.ok) this.#take(answer.value);
    else this.problem = answer.refusal.message;
  }
  /** The answer to a call may come after a newer view that was pushed meanwhile: an older one is left aside. */
  #take(view: CallerView): void {
    if (view.now < this.view.now) return;
    this.view = view;
    this.connection.asks = view.stage !== 'elsewhere';
    if (view.stage === 'none') location.replace('/');
    if (view.stage === 'ready' && !this.#asked) void this.ask();
    if (view.stage !== 'ready') this.#asked = false;
    if (view.stage === 'waiting' || view.stage === 'talking') this.problem = null;
  }
}
