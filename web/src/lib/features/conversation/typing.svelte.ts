import type { Connection } from '#lib/realtime/connection.svelte.ts';

const shownMs = 5000;
const toldMs = 3000;

/** "Is writing", both ways: told now and then while somebody writes, shown for a few seconds after it was heard. */
export class Typing {
  who = $state<string | null>(null);
  #connection: Connection;
  #conversationId: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldAt = 0;

  constructor(connection: Connection, conversationId: string) {
    this.#connection = connection;
    this.#conversationId = conversationId;
  }

  tell(): void {
    if (Date.now() - this.#toldAt < toldMs) return;
    this.#toldAt = Date.now();
    void this.#connection.call('message.typing', { conversationId: this.#conversationId });
  }
  heard(partyId: string): void {
    this.who = partyId;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.over(), shownMs);
  }
  over(): void {
    clearTimeout(this.#timer);
    this.who = null;
  }
}
