import { importMediaRoot, mediaKey } from '#lib/crypto/mediaCrypto.ts';
import { importEpochKey } from '#lib/crypto/messageCrypto.ts';
import type { MediaKeys } from '#lib/media/media.ts';
import type { Connection } from '#lib/realtime/connection.svelte.ts';

/** The keys of one conversation, as long as its page has it open. */
export class EpochKeys {
  #connection: Connection;
  #conversationId: string;
  #keys = new Map<number, { text: CryptoKey; media: CryptoKey }>();
  #closed = false;

  constructor(connection: Connection, conversationId: string) {
    this.#connection = connection;
    this.#conversationId = conversationId;
  }

  /** @returns null when it may be had later, 'never' when it is refused for good. */
  async get(epoch: number): Promise<CryptoKey | null | 'never'> {
    const keys = await this.#of(epoch);
    return keys && keys !== 'never' ? keys.text : keys;
  }

  /** The key of sound and picture in one room, never that of the text. @returns like `get` */
  async media(epoch: number, generation: number): Promise<CryptoKey | null | 'never'> {
    const keys = await this.#of(epoch);
    return keys && keys !== 'never' ? mediaKey(keys.media, generation) : keys;
  }

  /**
   * What a call goes on with when the texts are closed: the roots of sound and picture that were had by now. No text key is in
   * it, and no other is asked for: the server has only the key of a whole epoch to give, which opens its text too.
   */
  mediaAlone(): MediaKeys {
    const roots = new Map([...this.#keys].map(([epoch, { media }]) => [epoch, media]));
    return {
      media: async (epoch, generation) => {
        const root = roots.get(epoch);
        return root ? mediaKey(root, generation) : null;
      },
    };
  }

  /** They are asked for again, as far as they are still handed out. */
  forget(): void {
    this.#keys.clear();
  }

  close(): void {
    this.#closed = true;
    this.#keys.clear();
  }

  async #of(epoch: number): Promise<{ text: CryptoKey; media: CryptoKey } | null | 'never'> {
    const known = this.#keys.get(epoch);
    if (known) return known;
    const answer = await this.#connection.call('key.get', { conversationId: this.#conversationId });
    if (!answer.ok) return answer.refusal.retryable ? null : 'never';
    for (const { epoch: of, key } of answer.value.keys) {
      const [text, media] = await Promise.all([importEpochKey(key), importMediaRoot(key)]);
      if (this.#closed) return null; // a late answer brings nothing back
      this.#keys.set(of, { text, media });
    }
    return this.#keys.get(epoch) ?? null;
  }
}
