import { importEpochKey } from '#lib/crypto/messageCrypto.ts';
import type { Connection } from '#lib/realtime/connection.svelte.ts';

/** The keys of one conversation, as long as its page has it open. */
export class EpochKeys {
  #connection: Connection;
  #conversationId: string;
  #keys = new Map<number, CryptoKey>();
  #closed = false;

  constructor(connection: Connection, conversationId: string) {
    this.#connection = connection;
    this.#conversationId = conversationId;
  }

  /** @returns null when it may be had later, 'never' when it is refused for good. */
  async get(epoch: number): Promise<CryptoKey | null | 'never'> {
    const known = this.#keys.get(epoch);
    if (known) return known;
    const answer = await this.#connection.call('key.get', { conversationId: this.#conversationId });
    if (!answer.ok) return answer.refusal.retryable ? null : 'never';
    for (const { epoch: of, key } of answer.value.keys) {
      const imported = await importEpochKey(key);
      if (this.#closed) return null; // a late answer brings nothing back
      this.#keys.set(of, imported);
    }
    return this.#keys.get(epoch) ?? null;
  }

  close(): void {
    this.#closed = true;
    this.#keys.clear();
  }
}
