import type { Message } from '@hearthline/shared/contracts/message';
import { cleanForDisplay, judgeText } from '@hearthline/shared/domain/messageText';
import { SvelteMap } from 'svelte/reactivity';
import { openText, sealText, type Sealed } from '#lib/crypto/messageCrypto.ts';
import { talk_unreadable } from '#lib/paraglide/messages.js';
import type { Connection } from '#lib/realtime/connection.svelte.ts';
import { EpochKeys } from './epochKeys.ts';
import { MarkBook, type Marks } from './marks.svelte.ts';
import { Typing } from './typing.svelte.ts';

export type Shown = { seq: number; clientId: string; mine: boolean; text: string; at: string };
export type Outgoing = {
  clientId: string;
  text: string;
  state: 'sending' | 'failed';
  sealed: (Sealed & { epoch: number }) | null;
};
export type Facts = { id: string; me: string; epoch: number; lastSeq: number; theirMarks: Marks; myMarks: Marks };

/**
 * One conversation in one browser: keys, what was said in order and without gaps, what is on its way. The server's
 * numbers are the order; the same bytes are sent again until they are acknowledged, so nothing is doubled or lost.
 */
export class Conversation {
  messages = $state.raw<Shown[]>([]);
  outgoing = $state<Outgoing[]>([]);
  draft = $state('');
  ready = $state(false);
  #c: Connection;
  #facts: Facts;
  #keys: EpochKeys;
  #marks: MarkBook;
  #typing: Typing;
  #bySeq = new SvelteMap<number, Shown>();
  #known = 0;
  #fetching = false;
  #fetchAgain = false;
  #sending = false;
  #offs: (() => void)[];
  #closed = false;

  constructor(connection: Connection, facts: Facts) {
    this.#c = connection;
    this.#facts = facts;
    this.#keys = new EpochKeys(connection, facts.id);
    this.#marks = new MarkBook(connection, facts, () => this.#known);
    this.#typing = new Typing(connection, facts.id);
    this.#offs = [
      connection.on('message', (m) => void this.#take([m])),
      connection.on('heartbeat', ({ lastSeq }) => this.#mustHave(lastSeq[facts.id] ?? 0)),
      connection.on('marks', (m) => {
        if (m.conversationId === facts.id && m.partyId !== facts.me) this.#marks.heard(m);
      }),
      connection.on('typing', (t) => {
        if (t.conversationId === facts.id && t.partyId !== facts.me) this.#typing.heard();
      }),
      connection.on('connect', () => {
        void this.#fetch();
        void this.#drain();
      }),
    ];
    void this.#fetch();
  }

  /** A newer view of the same conversation. */
  update(facts: Facts): void {
    this.#facts = facts;
    this.#marks.heard(facts.theirMarks);
    this.#mustHave(facts.lastSeq);
  }

  /** @returns why it cannot be sent, in a code; null when it is on its way. */
  send(text: string): 'message.empty' | 'message.tooLong' | 'message.nul' | null {
    const judged = judgeText(text);
    if (!judged.ok) return judged.code;
    this.outgoing.push({ clientId: crypto.randomUUID(), text: judged.text, state: 'sending', sealed: null });
    void this.#drain();
    return null;
  }

  tryAgain(clientId: string): void {
    for (const o of this.outgoing) if (o.clientId === clientId || o.state === 'failed') o.state = 'sending';
    void this.#drain();
  }

  get theirs(): Marks {
    return this.#marks.theirs;
  }
  get typing(): boolean {
    return this.#typing.shown;
  }
  isTyping = (): void => this.#typing.tell();

  /** Nothing of the conversation stays in this page's memory. */
  close(): void {
    this.#closed = true;
    this.#marks.close();
    this.#typing.over();
    for (const off of this.#offs) off();
    this.#keys.close();
    this.#bySeq.clear();
    this.messages = [];
    this.outgoing = [];
    this.draft = '';
  }

  /** One at a time, in order: the next leaves when the one before is acknowledged. */
  async #drain(): Promise<void> {
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
      const next = this.outgoing.find((o) => o.state === 'sending');
      if (!next) break;
      const done = await this.#sendOne(next);
      if (done) {
        wait = 300;
        continue;
      }
      await new Promise((f) => setTimeout(f, wait));
      wait = Math.min(wait * 2, 4000);
    }
  }

  async #sendOne(o: Outgoing): Promise<boolean> {
    const key = await this.#keys.get(this.#facts.epoch);
    if (!(key instanceof CryptoKey)) {
      if (key === 'never') this.#fail(o.clientId);
      return key === 'never';
    }
    const { id: conversationId, me: senderId, epoch } = this.#facts;
    o.sealed ??= { ...(await sealText(key, { conversationId, epoch, senderId, clientId: o.clientId }, o.text)), epoch };
    const { sealed, clientId } = o;
    const answer = await this.#c.call('message.send', { conversationId, clientId, ...sealed });
    if (answer.ok) {
      this.outgoing = this.outgoing.filter((x) => x.clientId !== clientId);
      await this.#put({ seq: answer.value.seq, clientId, mine: true, text: o.text, at: answer.value.sentAt });
      return true;
    }
    if (answer.refusal.code === 'message.staleEpoch') {
      // proof that nothing was stored: the words are sealed anew, under a new id
      const at = this.outgoing.find((x) => x.clientId === clientId);
      if (at) Object.assign(at, { clientId: crypto.randomUUID(), sealed: null });
      this.#c.askAgain();
      return false;
    }
    if (answer.refusal.retryable) return false;
    this.#fail(clientId);
    return true;
  }

  #fail(clientId: string): void {
    const at = this.outgoing.find((x) => x.clientId === clientId);
    if (at) at.state = 'failed';
  }

  /** Everything after the last number without a gap; asked again until there is nothing more. */
  async #fetch(): Promise<void> {
    if (this.#fetching) return void (this.#fetchAgain = true);
    this.#fetching = true;
    try {
      await this.#fetchAll();
    } finally {
      this.#fetching = false;
    }
  }

  async #fetchAll(): Promise<void> {
    do {
      this.#fetchAgain = false;
      const before = this.#known;
      const answer = await this.#c.call('message.fetch', { conversationId: this.#facts.id, after: before });
      if (!answer.ok) break;
      await this.#take(answer.value.messages, false);
      this.ready = true;
      if (this.#known === before && answer.value.lastSeq > before) break; // a key is not to be had yet: the next heartbeat asks again
      if (this.#known < answer.value.lastSeq) this.#fetchAgain = true;
    } while (this.#fetchAgain && !this.#closed);
  }

  async #take(messages: readonly Message[], pushed = true): Promise<void> {
    for (const m of messages) {
      if (m.conversationId !== this.#facts.id || this.#bySeq.has(m.seq)) continue;
      const key = await this.#keys.get(m.epoch);
      if (!(key instanceof CryptoKey)) return; // fetched again with the next heartbeat
      const text = await openText(key, m, m);
      this.outgoing = this.outgoing.filter((o) => o.clientId !== m.clientId);
      await this.#put({
        seq: m.seq,
        clientId: m.clientId,
        mine: m.senderId === this.#facts.me,
        text: text === null ? talk_unreadable() : cleanForDisplay(text),
        at: m.sentAt,
      });
      if (m.senderId !== this.#facts.me) this.#typing.over();
    }
    const last = Math.max(0, ...messages.map((m) => m.seq));
    if (pushed && last > this.#known) void this.#fetch();
  }

  async #put(shown: Shown): Promise<void> {
    if (this.#closed) return;
    this.#bySeq.set(shown.seq, shown);
    while (this.#bySeq.has(this.#known + 1)) this.#known += 1;
    this.messages = [...this.#bySeq.values()].sort((a, b) => a.seq - b.seq);
    this.#mustHave(shown.seq);
  }

  #mustHave(seq: number): void {
    if (seq > this.#known) void this.#fetch();
  }
}
