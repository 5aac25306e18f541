import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import type { DoorInput } from '@hearthline/shared/contracts/doors';
import type { Devices } from '#lib/media/devices.svelte.ts';
import type { CallFace, CallFacts, MediaKeys } from '#lib/media/media.ts';
import { app_link_lost } from '#lib/paraglide/messages.js';
import type { Connection } from '#lib/realtime/connection.svelte.ts';

type Door = 'channel.propose' | 'channel.answer' | 'channel.withdraw';

/**
 * How one conversation is held on this page: what is asked and answered about it, and its call. The script of calls is loaded
 * when there is one or somebody asks for one; a chat never pays for it.
 */
export class TalkCall {
  /** Loaded, with devices; null while they write. */
  call = $state.raw<CallFace | null>(null);
  devices = $state.raw<Devices | null>(null);
  busy = $state(false);
  /** Why the last wish was refused, in the server's words. */
  problem = $state<string | null>(null);
  #connection: Connection;
  #keys: MediaKeys;
  #devicesOnce: () => Promise<Devices>;
  #facts: CallFacts;
  #loading: Promise<CallFace | null> | null = null;
  #closed = false;

  constructor(connection: Connection, keys: MediaKeys, facts: CallFacts, devicesOnce: () => Promise<Devices>) {
    this.#connection = connection;
    this.#keys = keys;
    this.#facts = facts;
    this.#devicesOnce = devicesOnce;
    this.update(facts);
  }

  /** In the call, or trying to be: the person is at this page although they press nothing. */
  get inCall(): boolean {
    return this.call !== null && ['in', 'joining', 'reconnecting', 'dropped'].includes(this.call.stage);
  }

  update(facts: CallFacts): void {
    if (facts.channel !== this.#facts.channel) this.problem = null;
    this.#facts = facts;
    if (facts.room && !this.call) void this.#load(); // again with the next view where it cannot be had now
    this.call?.update(facts);
  }

  /**
   * A wish for more is also one's own yes: whoever asks joins when the other one agrees. Where addresses become visible that
   * takes one more press, beside the warning.
   */
  async propose(channel: TalkChannel): Promise<void> {
    if (channel !== 'chat') {
      const call = await this.#load();
      if (!call) return;
      if (!this.#facts.exposesAddress) void call.join();
    }
    await this.#knock('channel.propose', { channel });
  }

  /** @param channel the one that was shown: a yes is for nothing else */
  async answer(channel: TalkChannel, yes: boolean): Promise<void> {
    if (yes) {
      const call = await this.#load();
      if (!call) return;
      void call.join();
    }
    await this.#knock('channel.answer', { channel, yes });
  }

  withdraw = (): Promise<void> => this.#knock('channel.withdraw', {});

  close(): void {
    this.#closed = true;
    this.call?.close();
    this.call = null;
  }

  /** @returns null when the script cannot be had now, which is said; the next try loads it again */
  #load(): Promise<CallFace | null> {
    return (this.#loading ??= this.#open().catch(() => {
      this.#loading = null;
      this.problem = app_link_lost();
      return null;
    }));
  }

  async #open(): Promise<CallFace> {
    const [{ Call }, devices] = await Promise.all([import('#lib/media/call.svelte.ts'), this.#devicesOnce()]);
    const call = new Call(this.#connection, this.#keys, devices);
    if (this.#closed) call.close();
    else {
      call.update(this.#facts);
      this.devices = devices;
      this.call = call;
    }
    return call;
  }

  async #knock<D extends Door>(door: D, input: Omit<DoorInput<D>, 'commandId' | 'conversationId'>): Promise<void> {
    this.busy = true;
    this.problem = null;
    const whole = { ...input, commandId: crypto.randomUUID(), conversationId: this.#facts.conversationId };
    const answer = await this.#connection.call(door, whole as unknown as DoorInput<D>);
    this.busy = false;
    if (!answer.ok) this.problem = answer.refusal.message;
    this.#connection.askAgain();
  }
}
