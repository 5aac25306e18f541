import type { DoorInput, DoorName } from '@hearthline/shared/contracts/doors';
import type { Connection } from '#lib/realtime/connection.svelte.ts';

/**
 * What a caller is asked about somebody who would come, and how it ended as far as this page was there. One press at a time; what
 * this caller said themselves is how it ended, whatever the next view brings.
 */
export abstract class CallerAsked<Ended> {
  busy = $state(false);
  /** Why the last press was refused, in the server's words. */
  problem = $state<string | null>(null);
  ended = $state<Ended | null>(null);
  #connection: Connection;
  #mine: Ended | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** It is over. @param otherwise how it ended where this caller did not end it; null: nothing is to be said of it */
  protected over(otherwise: Ended | null): void {
    this.ended = otherwise && (this.#mine ?? otherwise);
    this.#mine = null;
  }

  /** A second press while the first is under way does nothing. @param mine how it ends with this press */
  protected async knock<D extends DoorName>(door: D, input: DoorInput<D>, mine: Ended | null = null): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    this.#mine = mine;
    const answer = await this.#connection.call(door, input);
    this.busy = false;
    if (!answer.ok) {
      this.#mine = null;
      this.problem = answer.refusal.message;
    }
    this.#connection.askAgain();
    return answer.ok;
  }
}
