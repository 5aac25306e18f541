import { SvelteMap } from 'svelte/reactivity';
import type { DeskConversation } from '@hearthline/shared/contracts/views';
import { Conversation, type Facts } from '#lib/features/conversation/conversation.svelte.ts';
import type { Connection } from '#lib/realtime/connection.svelte.ts';

const factsOf = (one: DeskConversation): Facts => ({
  id: one.id,
  me: one.me,
  epoch: one.epoch,
  lastSeq: one.lastSeq,
  theirMarks: one.callerMarks,
  myMarks: one.myMarks,
});

/** The live talks of the desk. When one ends its words and keys are dropped from this page. */
export class Talks {
  #connection: Connection;
  #talks = new SvelteMap<string, Conversation>();
  /** Up to which number the peer has had each talk in front of them. */
  #seen = new SvelteMap<string, number>();
  #locked = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get = (id: string): Conversation | undefined => this.#talks.get(id);

  /** While locked nothing is opened: no text, no keys. */
  lock(): void {
    this.#locked = true;
    this.destroy();
  }
  unlock(): void {
    this.#locked = false;
  }

  follow(conversations: readonly DeskConversation[]): void {
    if (this.#locked) return;
    const live = conversations.filter((one) => one.state === 'live');
    for (const one of live) {
      const known = this.#talks.get(one.id);
      if (known) known.update(factsOf(one));
      else {
        this.#seen.set(one.id, one.myMarks.read);
        this.#talks.set(one.id, new Conversation(this.#connection, factsOf(one)));
      }
    }
    for (const [id, talk] of this.#talks) {
      if (live.some((one) => one.id === id)) continue;
      talk.close();
      this.#talks.delete(id);
      this.#seen.delete(id);
    }
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
    for (const talk of this.#talks.values()) talk.close();
    this.#talks.clear();
    this.#seen.clear();
  }
}
