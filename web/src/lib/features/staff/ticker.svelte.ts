import { createSubscriber } from 'svelte/reactivity';

/** The server's clock, ticking once a second while somebody reads it. Only texts that change touch the page. */
export class Ticker {
  #serverNow: () => number;
  #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  });

  constructor(serverNow: () => number) {
    this.#serverNow = serverNow;
  }
  get now(): number {
    this.#subscribe();
    return this.#serverNow();
  }
}
