import type { Connection } from '#lib/realtime/connection.svelte.ts';

export type Marks = { delivered: number; read: number };

const everyMs = 1000;

/** How far each side has come: theirs as it was heard, ours as it is told, cumulative and at most once a second. */
export class MarkBook {
  theirs = $state<Marks>({ delivered: 0, read: 0 });
  #connection: Connection;
  #conversationId: string;
  #told: Marks;
  #timer: ReturnType<typeof setInterval>;

  /** @param known the last number without a gap. */
  constructor(connection: Connection, start: { id: string; theirMarks: Marks; myMarks: Marks }, known: () => number) {
    this.#connection = connection;
    this.#conversationId = start.id;
    this.theirs = start.theirMarks;
    this.#told = start.myMarks;
    this.#timer = setInterval(() => this.#tell(known()), everyMs);
  }

  /** Somebody else's from now on. */
  of(theirs: Marks): void {
    this.theirs = theirs;
  }
  heard(m: Marks): void {
    this.theirs = { delivered: Math.max(this.theirs.delivered, m.delivered), read: Math.max(this.theirs.read, m.read) };
  }
  close = (): void => clearInterval(this.#timer);

  /** Read only while the page can be seen. */
  #tell(known: number): void {
    const read = document.visibilityState === 'visible' ? known : this.#told.read;
    if (known <= this.#told.delivered && read <= this.#told.read) return;
    const marks = { delivered: known, read };
    void this.#connection.call('message.mark', { conversationId: this.#conversationId, ...marks }).then((a) => {
      if (a.ok) this.#told = marks;
    });
  }
}
