import { SvelteMap } from 'svelte/reactivity';
import type { DeskConversation } from '@hearthline/shared/contracts/views';
import { TalkCall } from '#lib/features/call/talkCall.svelte.ts';
import { callFactsOf } from '#lib/features/call/talking.ts';
import { Conversation, type Facts } from '#lib/features/conversation/conversation.svelte.ts';
import type { Devices } from '#lib/media/devices.svelte.ts';
import type { CallFace, MediaKeys } from '#lib/media/media.ts';
import type { Connection } from '#lib/realtime/connection.svelte.ts';

const factsOf = (one: DeskConversation): Facts => ({
  id: one.id,
  me: one.me,
  epoch: one.epoch,
  fromSeq: one.fromSeq,
  lastSeq: one.lastSeq,
  them: one.callerId,
  theirMarks: one.callerMarks,
  myMarks: one.myMarks,
});

/** The live talks of the desk. When one ends its words and keys are dropped from this page. */
export class Talks {
  #connection: Connection;
  #talks = new SvelteMap<string, Conversation>();
  #calls = new SvelteMap<string, TalkCall>();
  /** Of calls that go on behind the lock, until they end: without them there is no next room for them. */
  #mediaAlone = new Map<string, MediaKeys>();
  #devices: Promise<Devices> | null = null;
  /** Up to which number the peer has had each talk in front of them. */
  #seen = new SvelteMap<string, number>();
  #locked = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get = (id: string): Conversation | undefined => this.#talks.get(id);
  call = (id: string): TalkCall | undefined => this.#calls.get(id);
  /** Whoever talks is at their desk, though they press nothing. */
  get inCall(): boolean {
    return [...this.#calls.values()].some((one) => one.inCall);
  }

  /** @returns whether there was a call whose microphone could be opened or closed */
  toggleMicrophone(): boolean {
    const call = this.running;
    call?.mute(!call.muted);
    return call !== undefined;
  }
  get running(): CallFace | undefined {
    return [...this.#calls.values()].find((one) => one.inCall)?.call ?? undefined;
  }

  /** The call that was running when the screen was locked, whatever has become of it; none once it has ended. */
  get behindLock(): CallFace | undefined {
    return [...this.#calls.values()].find(({ call }) => call && call.stage !== 'none')?.call ?? undefined;
  }

  /** While locked nothing is opened: no text, no key of it. A call that is running goes on, for whoever is at the other end. */
  lock(): void {
    this.#locked = true;
    for (const [id, call] of this.#calls) {
      const talk = this.#talks.get(id);
      if (!call.inCall) this.#hangUp(id);
      else if (talk) this.#mediaAlone.set(id, talk.mediaAlone());
    }
    this.#dropTexts();
  }
  unlock(): void {
    this.#locked = false;
    this.#mediaAlone.clear();
  }

  follow(conversations: readonly DeskConversation[]): void {
    const live = conversations.filter((one) => one.state === 'live');
    for (const id of this.#calls.keys()) if (!live.some((one) => one.id === id)) this.#hangUp(id);
    for (const one of live) this.#calls.get(one.id)?.update(callFactsOf(one));
    for (const id of this.#mediaAlone.keys())
      if (!live.some((one) => one.id === id && one.room)) this.#mediaAlone.delete(id);
    if (this.#locked) return;
    for (const one of live) {
      const known = this.#talks.get(one.id);
      if (known) known.update(factsOf(one));
      else this.#open(one);
    }
    for (const [id, talk] of this.#talks) {
      if (live.some((one) => one.id === id)) continue;
      talk.close();
      this.#talks.delete(id);
      this.#seen.delete(id);
    }
  }

  #open(one: DeskConversation): void {
    const talk = new Conversation(this.#connection, factsOf(one));
    this.#seen.set(one.id, one.myMarks.read);
    this.#talks.set(one.id, talk);
    if (this.#calls.has(one.id)) return; // it has gone on while the screen was locked
    const devicesOnce = () =>
      (this.#devices ??= import('#lib/media/devices.svelte.ts').then(
        ({ Devices }) => new Devices(),
        (e: unknown) => {
          this.#devices = null; // loaded again with the next try
          throw e;
        },
      ));
    const keys: MediaKeys = {
      media: async (...room) =>
        (await (this.#talks.get(one.id)?.keys ?? this.#mediaAlone.get(one.id))?.media(...room)) ?? null,
    };
    this.#calls.set(one.id, new TalkCall(this.#connection, keys, callFactsOf(one), devicesOnce));
  }

  unread(id: string): number {
    const seen = this.#seen.get(id) ?? 0;
    return this.#talks.get(id)?.messages.filter((message) => !message.mine && message.seq > seen).length ?? 0;
  }

  saw(id: string): void {
    const last = this.#talks.get(id)?.messages.at(-1)?.seq;
    if (last !== undefined && last > (this.#seen.get(id) ?? 0)) this.#seen.set(id, last);
  }

  destroy(): void {
    for (const id of this.#calls.keys()) this.#hangUp(id);
    this.#dropTexts();
  }

  #hangUp(id: string): void {
    this.#calls.get(id)?.close();
    this.#calls.delete(id);
    this.#mediaAlone.delete(id);
  }

  #dropTexts(): void {
    for (const talk of this.#talks.values()) talk.close();
    this.#talks.clear();
    this.#seen.clear();
  }
}
