import type { Channel, TalkChannel } from '@hearthline/shared/contracts/ids';
import type { Refusal } from '@hearthline/shared/contracts/refusals';
import type { CallerView } from '@hearthline/shared/contracts/views';
import type { Devices } from '#lib/media/devices.svelte.ts';
import { Connection, type Answer } from '#lib/realtime/connection.svelte.ts';

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
  /** The server's time, new each half a minute. */
  minute = $state(0);
  #devices: Promise<Devices> | null = null;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #asked = false;
  #command = '';
  #closed = false;
  #onHide = () => {
    if (!window.hearthlineLeft && this.view.stage !== 'elsewhere') navigator.sendBeacon('/api/caller/away');
  };

  /** The last refusal was about the call: the way out is text. */
  callRefused = $state(false);
  /** How this person asks to talk, until a request holds it; what is asked for later is a chat again. */
  #wish: TalkChannel;

  constructor(first: CallerView, wish: TalkChannel = 'chat') {
    this.view = first;
    this.#wish = wish;
  }

  open(): void {
    this.#tick();
    this.#ticking = setInterval(() => this.#tick(), 20_000);
    this.connection.on('caller.view', (v) => this.#take(v));
    this.connection.on('caller.place', ({ now, requestId, place, peersOnShift, taken }) => {
      if (this.view.stage === 'waiting' && this.view.requestId === requestId && now >= this.view.now)
        this.view = { ...this.view, place, peersOnShift, taken }; // its `now` stays: a view on its way may hold more
    });
    this.connection.open();
    addEventListener('pagehide', this.#onHide);
    this.#take(this.view);
    if (this.view.stage === 'waiting') this.#wishAgain(this.view.channel);
  }
  close(): void {
    this.#closed = true;
    clearInterval(this.#ticking);
    removeEventListener('pagehide', this.#onHide);
    this.connection.close();
  }

  #tick = () => (this.minute = this.connection.serverNow());

  /** Microphones and speakers, one choice for the check and the call; loaded when first asked for. */
  devicesOnce(): Promise<Devices> {
    return (this.#devices ??= import('#lib/media/devices.svelte.ts').then(
      ({ Devices }) => new Devices(),
      (error: unknown) => {
        this.#devices = null; // the next press tries again
        throw error;
      },
    ));
  }

  /** Asks for a place; the same command again after a lost answer is the same place. */
  async ask(): Promise<void> {
    if (this.#closed) return;
    this.#asked = true;
    this.#command ||= crypto.randomUUID();
    const answer = await this.connection.call('request.open', { commandId: this.#command, channel: this.#wish });
    if (answer.ok) {
      this.#command = '';
      this.#wish = 'chat';
      this.problem = null;
      return this.#take(answer.value);
    }
    if (answer.refusal.code === 'network.lost') return void setTimeout(() => void this.ask(), 1000);
    this.#command = '';
    this.#refused(answer.refusal);
  }
  retry = () => this.ask();
  askInText(): Promise<void> {
    this.#wish = 'chat';
    this.#command = '';
    return this.ask();
  }
  /** Came through the first page once more while waiting for something else: the same place, asked for as they say now. */
  #wishAgain(channel: Channel): void {
    const wish = this.#wish;
    this.#wish = 'chat';
    if (wish !== 'chat' && wish !== channel) void this.setChannel(wish);
  }
  /** While waiting: another way to talk, the same place. */
  setChannel = (channel: TalkChannel) =>
    this.#view(this.connection.call('request.setChannel', { commandId: crypto.randomUUID(), channel }));
  takeOver = () => this.#view(this.connection.call('caller.takeOver', {}));
  leave = () => this.#view(this.connection.call('request.leave', { commandId: crypto.randomUUID() }));
  nextPeer = (conversationId: string) =>
    this.#view(this.connection.call('conversation.nextPeer', { commandId: crypto.randomUUID(), conversationId }));
  /** Somebody on staff is asked to leave, or what they were let see of before is taken back. */
  async ofParty(door: 'party.remove' | 'consent.revokeFor', conversationId: string, partyId: string): Promise<void> {
    const answer = await this.connection.call(door, { commandId: crypto.randomUUID(), conversationId, partyId });
    if (!answer.ok) this.#refused(answer.refusal);
    this.connection.askAgain();
  }
  async end(conversationId: string): Promise<void> {
    const answer = await this.connection.call('conversation.end', {
      commandId: crypto.randomUUID(),
      conversationId,
      reason: 'finished',
    });
    if (!answer.ok && answer.refusal.retryable) this.#refused(answer.refusal);
    this.connection.askAgain();
  }
  async makeCode(): Promise<void> {
    const answer = await this.connection.call('code.create', {});
    if (answer.ok) this.code = answer.value.code;
    else this.#refused(answer.refusal);
  }

  async #view(call: Promise<Answer<CallerView>>): Promise<void> {
    const answer = await call;
    if (answer.ok) this.#take(answer.value);
    else this.#refused(answer.refusal);
  }
  #refused({ code, message }: Pick<Refusal, 'code' | 'message'>): void {
    this.problem = message;
    this.callRefused = code === 'media.down' || code === 'media.off';
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
