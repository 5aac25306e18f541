import { SvelteMap } from 'svelte/reactivity';
import type { DoorInput } from '@hearthline/shared/contracts/doors';
import type { DeskView } from '@hearthline/shared/contracts/views';
import { m } from '#lib/paraglide/messages.js';
import { Alarm } from './alarm.svelte.ts';
import { askedOf, goneWords, ringOf, type AnswerOf, type Asked } from './asked.ts';

type AnswerDoor = `offer.${AnswerOf}` | `invitation.${Exclude<AnswerOf, 'recuse'>}`;
/** What it needs of the desk. */
type Host = {
  ask: <D extends AnswerDoor>(door: D, input: Omit<DoorInput<D>, 'commandId'>, key: string) => Promise<boolean>;
  tell: (text: string) => void;
  busy: { has: (key: string) => boolean };
  readonly locked: boolean;
  later: (ms: number, run: () => void) => void;
};

/** How long Accept is held back after something appears, so that a key pressed for something else cannot take it. */
const heldBackMs = 1000;

/** What rings at a desk, offers and invitations alike: it can be taken after a second, and it is said what became of it. */
export class DeskAsked {
  readonly alarm: Alarm;
  #desk: Host;
  #ready = new SvelteMap<string, true>();
  #answered = new Set<string>();

  constructor(desk: Host, serverNow: () => number) {
    this.#desk = desk;
    this.alarm = new Alarm(serverNow, { lock: 'hearthline-desk-ring', loud: 0.28 });
  }

  /** It has stood for a second. */
  acceptable = (id: string): boolean => this.#ready.has(id);

  follow(before: DeskView | null, view: DeskView): void {
    const now = askedOf(view);
    const old = before ? askedOf(before) : [];
    this.alarm.follow(now.map(ringOf));
    for (const one of now) {
      if (old.some(({ id }) => id === one.id)) continue;
      this.#desk.later(heldBackMs, () => this.#ready.set(one.id, true));
      if (one.channel !== 'chat') loadCalls(one).catch(() => {}); // loaded again with the call
    }
    for (const one of old) {
      if (!before || now.some(({ id }) => id === one.id)) continue;
      this.#ready.delete(one.id);
      const words = this.#answered.has(one.id) ? null : goneWords(one, before, view, this.#desk.locked);
      if (words) this.#desk.tell(words);
    }
  }

  /** @returns whether the server took the answer. */
  async answer(one: Asked, how: AnswerOf): Promise<boolean> {
    if (how === 'accept' && !this.acceptable(one.id)) return false;
    if (this.#desk.busy.has(one.id)) return false;
    this.#answered.add(one.id);
    const done = await this.#knock(one, how);
    if (!done) this.#answered.delete(one.id);
    else if (how !== 'accept') this.#desk.tell(how === 'recuse' ? m.staff_offer_recused() : m.staff_offer_declined());
    return done;
  }

  async #knock({ id, kind }: Asked, how: AnswerOf): Promise<boolean> {
    if (kind === 'offer') return this.#desk.ask(`offer.${how}`, { offerId: id }, id);
    return how !== 'recuse' && this.#desk.ask(`invitation.${how}`, { invitationId: id }, id);
  }
}

/** The script of calls is here before the peer has said yes. */
async function loadCalls({ calls }: Asked): Promise<void> {
  const [{ prepareCalls }] = await Promise.all([
    import('#lib/media/engines.ts'),
    import('#lib/media/call.svelte.ts'),
    import('#lib/features/call/CallStage.svelte'),
  ]);
  await prepareCalls(calls.state);
}
