import type { DoorInput } from '@hearthline/shared/contracts/doors';
import type { AddMeans, MeansView, OwnMeans } from '@hearthline/shared/contracts/onCall';
import type { Answer, Connection } from '#lib/realtime/connection.svelte.ts';

type MeansDoor = 'means.add' | 'means.remove' | 'means.test' | 'means.heard';
type Input<N extends MeansDoor> = Omit<DoorInput<N>, 'commandId'>;

/** While something rings it is asked for as often as this; else with the page's own turn. */
const lookMs = 1000;
const idleMs = 30_000;
const rings = ({ test }: OwnMeans): boolean => test?.state === 'sending' || test?.state === 'sent';
const freshMs = 120_000;

/** How one is reached, as the page shows it. */
export class OwnMeansState {
  view = $state<MeansView | null>(null);
  /** What is under way: a door and the means it is about. */
  busy = $state<string | null>(null);
  error = $state<{ at: string; text: string } | null>(null);
  readonly counts = $derived(this.view?.means.some((one) => one.verified) ?? false);
  #connection: Connection;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #off = () => {};

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  start(): void {
    this.#off = this.#connection.on('connect', () => void this.#look());
    void this.#look();
  }
  destroy(): void {
    clearTimeout(this.#timer);
    this.#off();
  }

  /** A test of late: what rang an hour ago rings no more. */
  ringing(one: OwnMeans): boolean {
    return rings(one) && this.#connection.serverNow() - Date.parse(one.test?.at ?? '') < freshMs;
  }

  add = (label: string, way: AddMeans['way']) => this.#do('means.add', 'add', { label, way });
  remove = (meansId: string) => this.#do('means.remove', meansId, { meansId });
  ring = (meansId: string) => this.#do('means.test', meansId, { meansId });
  heard = (meansId: string, code?: string) => this.#do('means.heard', meansId, { meansId, ...(code ? { code } : {}) });
  heardPage = (pageId: string) => this.#do('means.heard', 'page', { pageId });

  /** @param at where an error is shown */
  async #do<N extends MeansDoor>(door: N, at: string, input: Input<N>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = `${door}/${at}`;
    this.error = null;
    const asked = { commandId: crypto.randomUUID(), ...input } as DoorInput<N>;
    const answer = (await this.#connection.call(door, asked)) as Answer<MeansView>;
    this.busy = null;
    if (answer.ok) this.#take(answer.value);
    else this.error = { at, text: answer.refusal.message };
    return answer.ok;
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    const answer = await this.#connection.call('means.list', {});
    if (answer.ok) this.#take(answer.value);
    else this.#again(idleMs / 6);
  }

  #take(view: MeansView): void {
    this.view = view;
    this.#again(view.means.some((one) => this.ringing(one)) ? lookMs : idleMs);
  }

  #again(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#connection.state !== 'gone') this.#timer = setTimeout(() => void this.#look(), ms);
  }
}
