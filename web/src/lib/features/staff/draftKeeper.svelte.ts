import type { Answer } from '#lib/realtime/connection.svelte.ts';

const collectMs = 1500;
const againMs = 3000;

/** The two doors of one form: what an earlier page had kept, and what is kept from now on. */
export type DraftDoors<T> = {
  read(): Promise<Answer<{ draft: T | null }>>;
  keep(draft: T): Promise<Answer<unknown>>;
};

/** Keeps what is filled in of a form with the server while it changes: never older than 5 s, so that a crash loses little (F35). */
export class DraftKeeper<T> {
  state = $state<'nothing' | 'unsaved' | 'kept'>('nothing');
  #doors: DraftDoors<T>;
  #newest: T | null = null;
  #kept = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending = false;
  #over = false;

  constructor(doors: DraftDoors<T>) {
    this.#doors = doors;
  }

  /** What an earlier page had kept; tries until the server answers. */
  async earlier(): Promise<T | null> {
    while (!this.#over) {
      const answer = await this.#doors.read();
      if (answer.ok) {
        this.#kept = JSON.stringify(answer.value.draft);
        return answer.value.draft;
      }
      if (!answer.refusal.retryable) return null;
      await new Promise((go) => setTimeout(go, againMs));
    }
    return null;
  }

  keep(draft: T): void {
    if (JSON.stringify(draft) === this.#kept) return;
    this.#newest = draft;
    this.state = 'unsaved';
    this.#sendAfter(collectMs);
  }

  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #sendAfter(ms: number): void {
    if (this.#over || this.#sending || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#send(), ms);
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const draft = this.#newest;
    if (!draft) return;
    this.#newest = null;
    this.#sending = true;
    const answer = await this.#doors.keep(draft);
    this.#sending = false;
    if (answer.ok) this.#kept = JSON.stringify(draft);
    else if (answer.refusal.retryable) this.#newest ??= draft;
    else return this.stop(); // it is sent, or gone
    if (this.#newest) this.#sendAfter(answer.ok ? collectMs : againMs);
    else this.state = 'kept';
  }
}
