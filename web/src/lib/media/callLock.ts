const lockOf = (me: string): string => `hearthline/call/${me}`;

/**
 * A person talks in one place: of all pages of this browser one at a time has their call. It is had until it is let go, another
 * page takes it over, or the page is gone. A browser without locks gives it to a press only.
 */
export class CallLock {
  #lost: () => void;
  /** Ends having it; null: it is not here. */
  #end: (() => void) | null = null;
  #asked: Promise<void> = Promise.resolve();

  /** @param lost told when another page has taken it over */
  constructor(lost: () => void) {
    this.#lost = lost;
  }

  /** @param over also from another page, which hears of it @returns whether it is here now */
  async take(me: string, over = false): Promise<boolean> {
    this.#asked = this.#asked.then(() => (this.#end ? undefined : this.#ask(me, over)));
    await this.#asked;
    await this.#asked; // a press meanwhile may have brought it here
    return this.#end !== null;
  }

  letGo(): void {
    this.#end?.();
    this.#end = null;
  }

  #ask(me: string, over: boolean): Promise<void> {
    return new Promise((answered) => {
      let mine: (() => void) | null = null;
      const has = (end: () => void) => {
        this.#end = mine = end;
        answered();
      };
      const without = () => (over ? has(() => {}) : answered());
      if (!navigator.locks) return without();
      const had = navigator.locks.request(lockOf(me), over ? { steal: true } : { ifAvailable: true }, (lock) =>
        lock ? new Promise<void>(has) : answered(),
      );
      had.catch(() => {
        if (!mine) return without();
        if (this.#end !== mine) return;
        this.#end = null;
        this.#lost();
      });
    });
  }
}
