import type { Message } from '@hearthline/shared/contracts/message';
import { cleanForDisplay, judgeText } from '@hearthline/shared/domain/messageText';
import { SvelteMap } from 'svelte/reactivity';
import { openText } from '#lib/crypto/messageCrypto.ts';
import type { MediaKeys } from '#lib/media/media.ts';
import { talk_unreadable } from '#lib/paraglide/messages.js';
import type { Connection } from '#lib/realtime/connection.svelte.ts';
import { EpochKeys } from './epochKeys.ts';
import { MarkBook, type Marks } from './marks.svelte.ts';
import { Outbox, type Outgoing, type Shown } from './outbox.svelte.ts';
import { Typing } from './typing.svelte.ts';

export type Facts = {
  id: string;
  me: string;
  epoch: number;
  /** Messages before this number do not exist for this person. */
  fromSeq: number;
  lastSeq: number;
  /** Whose marks stand beside one's own words: the caller's, or those of whoever holds it. */
  them: string;
  theirMarks: Marks;
  myMarks: Marks;
};

/**
 * One conversation in one browser: keys, what was said in order and without gaps, what is on its way. The server's
 * numbers are the order; the same bytes are sent again until they are acknowledged, so nothing is doubled or lost.
 */
export class Conversation {
  messages = $state.raw<Shown[]>([]);
  draft = $state('');
  ready = $state(false);
  #c: Connection;
  #facts: Facts;
  #keys: EpochKeys;
  #marks: MarkBook;
  #outbox: Outbox;
  #typing: Typing;
  #bySeq = new SvelteMap<number, Shown>();
  #known = 0;
  #fetching = false;
  #fetchAgain = false;
  #offs: (() => void)[];
  #closed = false;

  constructor(connection: Connection, facts: Facts) {
    this.#c = connection;
    this.#facts = facts;
    this.#known = facts.fromSeq - 1;
    this.#keys = new EpochKeys(connection, facts.id);
    this.#marks = new MarkBook(connection, facts, () => this.#known);
    this.#outbox = new Outbox(
      connection,
      this.#keys,
      () => this.#facts,
      (shown) => this.#put(shown),
    );
    this.#typing = new Typing(connection, facts.id);
    this.#offs = [
      connection.on('message', (m) => void this.#take([m])),
      connection.on('heartbeat', ({ lastSeq }) => this.#mustHave(lastSeq[facts.id] ?? 0)),
      connection.on('marks', (m) => {
        if (m.conversationId === facts.id && m.partyId === this.#facts.them) this.#marks.heard(m);
      }),
      connection.on('typing', (t) => {
        if (t.conversationId === facts.id && t.partyId !== facts.me) this.#typing.heard(t.partyId);
      }),
      connection.on('connect', () => {
        void this.#fetch();
        void this.#outbox.drain();
      }),
    ];
    void this.#fetch();
  }

  /** A newer view of the same conversation. */
  update(facts: Facts): void {
    const before = this.#facts;
    this.#facts = facts;
    if (facts.them === before.them) this.#marks.heard(facts.theirMarks);
    else this.#marks.of(facts.theirMarks);
    if (facts.fromSeq > before.fromSeq) this.#forgetBefore(facts.fromSeq);
    this.#mustHave(facts.lastSeq);
    if (facts.epoch !== before.epoch) void this.#fetch(); // nothing of it was pushed before the server had told this page (PA5)
  }

  /** @returns why it cannot be sent, in a code; null when it is on its way. */
  send(text: string): 'message.empty' | 'message.tooLong' | 'message.nul' | null {
    const judged = judgeText(text);
    if (!judged.ok) return judged.code;
    this.#outbox.add(judged.text);
    return null;
  }

  tryAgain = (clientId: string): void => this.#outbox.tryAgain(clientId);

  /** A call of this conversation takes its keys from here too. */
  get keys(): MediaKeys {
    return this.#keys;
  }
  /** And goes on with these when the conversation is closed before it. */
  mediaAlone = (): MediaKeys => this.#keys.mediaAlone();
  get outgoing(): readonly Outgoing[] {
    return this.#outbox.list;
  }
  /** Words are not going through although the page is connected; without a connection that is said already. */
  get stuck(): boolean {
    return this.#outbox.stuck && this.#c.connected;
  }
  get theirs(): Marks {
    return this.#marks.theirs;
  }
  /** Who is writing; null: nobody. */
  get typing(): string | null {
    return this.#typing.who;
  }
  isTyping = (): void => this.#typing.tell();

  /** Nothing of the conversation stays in this page's memory. */
  close(): void {
    this.#closed = true;
    this.#marks.close();
    this.#typing.over();
    for (const off of this.#offs) off();
    this.#keys.close();
    this.#outbox.close();
    this.#bySeq.clear();
    this.messages = [];
    this.draft = '';
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
      this.#outbox.arrived(m.clientId);
      this.#put({
        seq: m.seq,
        clientId: m.clientId,
        mine: m.senderId === this.#facts.me,
        senderId: m.senderId,
        text: text === null ? talk_unreadable() : cleanForDisplay(text),
        at: m.sentAt,
      });
      if (m.senderId !== this.#facts.me) this.#typing.over();
    }
    const last = Math.max(0, ...messages.map((m) => m.seq));
    if (pushed && last > this.#known) void this.#fetch();
  }

  #put(shown: Shown): void {
    if (this.#closed || shown.seq < this.#facts.fromSeq) return;
    this.#bySeq.set(shown.seq, shown);
    while (this.#bySeq.has(this.#known + 1)) this.#known += 1;
    this.messages = [...this.#bySeq.values()].sort((a, b) => a.seq - b.seq);
    this.#mustHave(shown.seq);
  }

  /** The caller has taken back that what was before is read here (CS2). */
  #forgetBefore(seq: number): void {
    for (const shown of this.messages) if (shown.seq < seq) this.#bySeq.delete(shown.seq);
    this.messages = this.messages.filter((shown) => shown.seq >= seq);
    this.#known = Math.max(this.#known, seq - 1);
    this.#keys.forget();
  }

  #mustHave(seq: number): void {
    if (seq > this.#known) void this.#fetch();
  }
}
