import type { DirectSignal, MediaSignal } from '@hearthline/shared/contracts/media';
import type { EngineContext, SeatOf } from '../media.ts';

const mostTries = 3;
type Of = Pick<EngineContext, 'conversationId'> & Pick<SeatOf<'direct'>, 'generation' | 'session'>;
type Heard = {
  signal(from: string, session: string, signal: DirectSignal): void;
  /** Whether this join is still the one of this person is to be asked: saying anything does. */
  doubt(): void;
  /** It is not: they have joined from another page since. */
  taken(): void;
};

/** What this join says to the others, one after the other: on the way each could overtake the one before. */
export class Signals {
  #connection: EngineContext['connection'];
  #of: Of;
  #taken: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #offs: (() => void)[];
  #closed = false;

  constructor(connection: EngineContext['connection'], of: Of, heard: Heard) {
    this.#connection = connection;
    this.#of = of;
    this.#taken = heard.taken;
    this.#offs = [
      connection.on('media.signal', (s: MediaSignal) => {
        if (s.conversationId !== of.conversationId || s.generation !== of.generation) return;
        if (s.toSession === null || s.toSession === of.session) heard.signal(s.from, s.session, s.signal);
      }),
      connection.on('media.taken', ({ conversationId, session }) => {
        if (conversationId === of.conversationId && session !== of.session) heard.doubt();
      }),
    ];
  }

  /** @param session their join that it is for; null: whichever there is */
  send(to: string, session: string | null, signal: DirectSignal): void {
    this.#last = this.#last.then(() => this.#try(to, session, signal));
  }

  /** Says good-bye without waiting for what is still to be said, and says and hears nothing more. */
  close(others: readonly string[]): void {
    this.#closed = true;
    for (const off of this.#offs) off();
    for (const to of others) void this.#call(to, null, { kind: 'bye' });
  }

  async #try(to: string, session: string | null, signal: DirectSignal): Promise<void> {
    for (let tries = 0; tries < mostTries && !this.#closed; tries++) {
      const answer = await this.#call(to, session, signal);
      if (!answer.ok && answer.refusal.code === 'media.taken') return this.#taken();
      if (answer.ok || !answer.refusal.retryable) return;
    }
  }

  #call = (to: string, toSession: string | null, signal: DirectSignal) =>
    this.#connection.call('media.signal', { ...this.#of, to, toSession, signal });
}
