import type { AddOverride, Layer, RosterStaff, RosterView, SaveRoster } from '@hearthline/shared/contracts/onCall';
import type { Answer, Connection } from '#lib/realtime/connection.svelte.ts';
import { m } from '#lib/paraglide/messages.js';

export type SavedLayer = SaveRoster['layers'][number];
/** Null: done. */
export type Refused = { code: string; message: string } | null;

/** The roster as the server last told it. Each change is one call, whole, and answered with the roster as it is then. */
export class Roster {
  view = $state.raw<RosterView | null>(null);
  busy = $state(false);
  /** The last thing that was done here, for everybody who listens. */
  said = $state('');
  #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  take(view: RosterView): void {
    if (!this.view || this.view.now <= view.now) this.view = view;
  }

  get changes(): boolean {
    return this.view?.can.includes('roster.change') ?? false;
  }
  person = (id: string | null): RosterStaff | null => this.view?.staff.find((s) => s.id === id) ?? null;
  get layers(): SavedLayer[] {
    return (this.view?.layers ?? []).map(({ id, name, rotations }) => ({ id, name, rotations }));
  }

  save(change: (layers: SavedLayer[]) => SavedLayer[]): Promise<Refused> {
    const { view } = this;
    if (!view) return Promise.resolve({ code: 'network.lost', message: m.app_link_lost() });
    const input = { commandId: crypto.randomUUID(), lineId: view.lineId, version: view.version };
    return this.#ask(this.#connection.call('roster.save', { ...input, layers: change(this.layers) }));
  }
  /** `commandId` is the form's own, so that a second press after a lost answer makes no second one. */
  override = (input: AddOverride): Promise<Refused> => this.#ask(this.#connection.call('roster.override', input));
  removeOverride = (overrideId: string): Promise<Refused> =>
    this.#ask(this.#connection.call('roster.removeOverride', { commandId: crypto.randomUUID(), overrideId }));

  async #ask(calling: Promise<Answer<RosterView>>): Promise<Refused> {
    this.busy = true;
    this.said = '';
    const answer = await calling;
    this.busy = false;
    if (answer.ok) {
      this.take(answer.value);
      this.said = m.staff_roster_saved();
      return null;
    }
    if (answer.refusal.code === 'roster.stale' || answer.refusal.code === 'roster.gone') this.#connection.askAgain();
    return answer.refusal;
  }
}

export const changed =
  (id: string, change: (layer: SavedLayer) => SavedLayer) =>
  (layers: SavedLayer[]): SavedLayer[] =>
    layers.map((layer) => (layer.id === id ? change(layer) : layer));

/** The element at `index` one place further up (-1) or down (1). */
export function moved<T>(all: readonly T[], index: number, by: -1 | 1): T[] {
  const next = [...all];
  const [one] = next.splice(index, 1);
  if (one !== undefined) next.splice(index + by, 0, one);
  return next;
}

export type RosterLayer = RosterView['layers'][number];
export type RosterRotation = Layer['rotations'][number];
