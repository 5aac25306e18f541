import type { AskMeasures, MeasuresView } from '@hearthline/shared/contracts/measures';
import type { StaffLive } from '#lib/features/staff/staffLive.svelte.ts';

/** The numbers of the days that were asked for last. What was shown stays until others are there. */
export class Measures {
  view = $state.raw<MeasuresView | null>(null);
  busy = $state(false);
  refused = $state<string | null>(null);
  #live: StaffLive;
  #asked: AskMeasures = {};
  #turn = 0;

  constructor(live: StaffLive) {
    this.#live = live;
  }

  /** Without days: the last 30. */
  show(days: AskMeasures): Promise<void> {
    this.#asked = days;
    return this.again();
  }

  /** The same days, as they are now. */
  again = async (): Promise<void> => {
    const turn = ++this.#turn;
    this.busy = true;
    const answer = await this.#live.connection.call('measures.view', this.#asked);
    if (turn !== this.#turn) return;
    this.busy = false;
    this.refused = answer.ok ? null : answer.refusal.message;
    if (!answer.ok) return;
    this.view = answer.value;
    this.#live.lastAt = this.#live.serverNow();
  };
}
