import type { Connection } from '#lib/realtime/connection.svelte.ts';
import type { CallEvent } from './callMachine.ts';
import type { Devices } from './devices.svelte.ts';
import { canSeal } from './engines.ts';
import type { CallFacts, Engine, EngineEvents, MediaKeys } from './media.ts';
import type { OwnMedia } from './ownMedia.svelte.ts';
import { takePlace, type Place } from './takePlace.ts';

type Needs = { connection: Connection; keys: MediaKeys; devices: Devices; own: OwnMedia };
type Tell = Pick<EngineEvents, 'parties' | 'quality'> & {
  step(event: CallEvent): void;
  /** Why there is no seat, in the server's sentence, where a person should read it. */
  refused(sentence: string | null): void;
  /** There is a seat; the engine is told what it has to know before it joins. */
  seated(engine: Engine, place: Extract<Place, { ok: true }>): void;
};

/** One connection of a call after the other: microphone, seat and script side by side, then joining. */
export class CallConnection {
  engine: Engine | null = null;
  #needs: Needs;
  #tell: Tell;
  /** Counts connections: what an earlier one still has to say is not heard. */
  #turn = 0;
  #seals = canSeal();

  constructor(needs: Needs, tell: Tell) {
    this.#needs = needs;
    this.#tell = tell;
  }

  async open(facts: CallFacts): Promise<void> {
    const turn = ++this.#turn;
    const { own, devices, connection, keys } = this.#needs;
    const sound = own.sound ? Promise.resolve(true) : own.open('sound');
    // a person may take long to answer, and a seat is good for a minute
    if (!(await devices.microphoneGranted()) && !(await sound)) return this.#failed(turn, { again: false });
    const context = { connection, keys, ...facts, tell: this.#engineTells(turn) };
    const [place, heard] = await Promise.all([takePlace(context, this.#seals), sound]);
    if (!place.ok) {
      if (turn === this.#turn) this.#tell.refused(place.sentence);
      return this.#failed(turn, place);
    }
    if (turn !== this.#turn || !heard) {
      place.engine.leave();
      return this.#failed(turn, { again: false });
    }
    this.engine = place.engine;
    this.#tell.step({ is: 'seated', generation: place.generation });
    if (turn !== this.#turn) return; // an older room's seat: the next is on its way
    this.#tell.seated(place.engine, place);
    await place.engine.join().catch(() => this.#failed(turn, { again: true }));
  }

  drop(): void {
    this.#turn += 1;
    this.engine?.leave();
    this.engine = null;
  }

  #failed(turn: number, { again, atOnce = false }: { again: boolean; atOnce?: boolean }): void {
    if (turn === this.#turn) this.#tell.step({ is: 'failed', again, atOnce });
  }

  #engineTells(turn: number): EngineEvents {
    const ifNow = (tell: () => void) => (turn === this.#turn ? tell() : undefined);
    return {
      parties: (parties) => ifNow(() => this.#tell.parties(parties)),
      quality: (mine) => ifNow(() => this.#tell.quality(mine)),
      state: (state) =>
        ifNow(() => {
          if (state === 'unsealed') this.#seals = false;
          this.#tell.step({ is: 'engine', state: state === 'unsealed' ? 'gone' : state });
        }),
    };
  }
}
