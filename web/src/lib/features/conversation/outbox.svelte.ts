import { sealText, type Sealed } from '#lib/crypto/messageCrypto.ts';
import type { Connection } from '#lib/realtime/connection.svelte.ts';
import type { EpochKeys } from './epochKeys.ts';

export type Shown = { seq: number; clientId: string; mine: boolean; senderId: string; text: string; at: string };
export type Outgoing = {
  clientId: string;
  text: string;
  state: 'sending' | 'failed';
  sealed: (Sealed & { epoch: number }) | null;
};

/** Whoever writes must know within five seconds that their words are not going through (F13). */
const stuckAfterMs = 4000;

/** What is on its way in one conversation. The same bytes are sent again until they are acknowledged. */
export class Outbox {
  list = $state<Outgoing[]>([]);
  /** The message that is to go next has waited for longer than one should. */
  stuck = $state(false);
  #late: ReturnType<typeof setTimeout> | undefined;
  #c: Connection;
  #keys: EpochKeys;
  #facts: () => { id: string; me: string; epoch: number };
  #stored: (shown: Shown) => void;
  #sending = false;
  #closed = false;

  constructor(
    connection: Connection,
    keys: EpochKeys,
    facts: () => { id: string; me: string; epoch: number },
    stored: (shown: Shown) => void,
  ) {
    this.#c = connection;
    this.#keys = keys;
    this.#facts = facts;
    this.#stored = stored;
  }

  add(text: string): void {
    this.list.push({ clientId: crypto.randomUUID(), text, state: 'sending', sealed: null });
    void this.drain();
  }

  /** It came back as a message. */
  arrived(clientId: string): void {
    this.list = this.list.filter((o) => o.clientId !== clientId);
  }

  close(): void {
    this.#closed = true;
    this.list = [];
    this.#moved();
  }

  /** One at a time, in order: the next leaves when the one before is acknowledged. */
  async drain(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      await this.#sendAll();
    } finally {
      this.#sending = false;
    }
  }

  async #sendAll(): Promise<void> {
    for (let wait = 300; !this.#closed;) {
      const next = this.list.find((o) => o.state === 'sending');
      if (!next) break;
      this.#late ??= setTimeout(() => (this.stuck = true), stuckAfterMs);
      const done = await this.#sendOne(next);
      if (done) {
        this.#moved();
        wait = 300;
        continue;
      }
      await new Promise((f) => setTimeout(f, wait));
      wait = Math.min(wait * 2, 4000);
    }
  }

  #moved(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    this.stuck = false;
  }

  async #sendOne(o: Outgoing): Promise<boolean> {
    // the epoch is read once: its own key seals it, and one that has passed is refused as stale
    const { id: conversationId, me: senderId, epoch } = this.#facts();
    const key = await this.#keys.get(epoch);
    if (!(key instanceof CryptoKey)) {
      if (key === 'never') this.#fail(o.clientId);
      return key === 'never';
    }
    o.sealed ??= { ...(await sealText(key, { conversationId, epoch, senderId, clientId: o.clientId }, o.text)), epoch };
    const { sealed, clientId } = o;
    const answer = await this.#c.call('message.send', { conversationId, clientId, ...sealed });
    if (answer.ok) {
      this.arrived(clientId);
      this.#stored({ seq: answer.value.seq, clientId, mine: true, senderId, text: o.text, at: answer.value.sentAt });
      return true;
    }
    if (answer.refusal.code === 'message.staleEpoch') {
      // proof that nothing was stored: the words are sealed anew, under a new id
      const at = this.list.find((x) => x.clientId === clientId);
      if (at) Object.assign(at, { clientId: crypto.randomUUID(), sealed: null });
      this.#c.askAgain();
      return false;
    }
    if (answer.refusal.retryable) return false;
    this.#fail(clientId);
    return true;
  }

  #fail(clientId: string): void {
    const at = this.list.find((x) => x.clientId === clientId);
    if (at) at.state = 'failed';
  }

  tryAgain(clientId: string): void {
    for (const o of this.list) if (o.clientId === clientId || o.state === 'failed') o.state = 'sending';
    void this.drain();
  }
}
