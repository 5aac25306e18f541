import { SvelteMap } from 'svelte/reactivity';
import type { DoorInput } from '@hearthline/shared/contracts/doors';
import type { DeskConversation, DeskOffer, DeskView } from '@hearthline/shared/contracts/views';
import { Alarm } from './alarm.svelte.ts';
import type { Answer, Connection } from '#lib/realtime/connection.svelte.ts';
import { DraftKeeper } from './draftKeeper.svelte.ts';
import { Talks } from './talks.svelte.ts';
import { m } from '#lib/paraglide/messages.js';

export type Notice = { id: number; text: string };
type DeskDoor =
  | 'shift.start'
  | 'shift.end'
  | 'peer.setState'
  | 'peer.setLimit'
  | 'offer.accept'
  | 'offer.decline'
  | 'offer.recuse'
  | 'wrapUp.submit';
type WithoutId<T> = Omit<T, 'commandId'>;

/** How long Accept is held back after an offer appears, so that a key pressed for something else cannot take it. */
const heldBackMs = 1000;

/** The desk of one peer: the last view the server sent, what is being asked right now, and what to tell the peer. */
export class Desk {
  view = $state.raw<DeskView | null>(null);
  notices = $state<Notice[]>([]);
  /** Doors that are being knocked at: by door and, where several can stand side by side, by record. */
  busy = new SvelteMap<string, true>();
  active = $state<string | null>(null);
  locked = $state(false);
  readonly alarm: Alarm;
  #ready = new SvelteMap<string, true>();
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #answered = new Map<string, 'accept' | 'decline' | 'recuse'>();
  #noticeId = 0;
  readonly talks: Talks;
  #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.talks = new Talks(connection);
    this.alarm = new Alarm(connection.serverNow);
    connection.on('line.waiting', ({ lineId, waiting }) => {
      if (this.view?.line?.id === lineId) this.view = { ...this.view, waitingCount: waiting };
    });
  }

  get onShift() {
    return this.view !== null && this.view.peer.state !== 'off';
  }
  /** Accept may be pressed: the offer has stood for a second. */
  acceptable = (offerId: string) => this.#ready.has(offerId);

  /** A view pushed or asked for. An older one than the one shown is left aside. */
  take(view: DeskView): void {
    const before = this.view;
    if (before && before.now > view.now) return;
    this.view = view;
    this.#followOffers(before, view);
    this.talks.follow(view.conversations);
    const ids = view.conversations.map((one) => one.id);
    const fresh = before && view.conversations.find((one) => !before.conversations.some((old) => old.id === one.id));
    if (fresh) this.active = fresh.id;
    else if (!this.active || !ids.includes(this.active)) this.active = ids[0] ?? null;
  }

  #followOffers(before: DeskView | null, view: DeskView) {
    this.alarm.follow(view.offers);
    const standing = new Set(view.offers.map((offer) => offer.id));
    for (const offer of view.offers) {
      if (before?.offers.some((old) => old.id === offer.id)) continue;
      this.#later(heldBackMs, () => this.#ready.set(offer.id, true));
    }
    for (const offer of before?.offers ?? []) {
      if (standing.has(offer.id)) continue;
      this.#ready.delete(offer.id);
      if (!this.#answered.has(offer.id)) this.#tellGone(offer, view, before);
    }
  }

  /** An offer went away and this tab did not answer it: missed, withdrawn, or answered in another tab. */
  #tellGone(offer: DeskOffer, view: DeskView, before: DeskView | null) {
    const who = (!this.locked && offer.name) || m.staff_offer_someone();
    const taken = view.conversations.some((one) => !before?.conversations.some((old) => old.id === one.id));
    if (taken) return;
    if (view.peer.missedOffer) this.tell(m.staff_offer_missed({ who }));
    else if (view.peer.state === 'available' && view.now < offer.expiresAt) this.tell(m.staff_offer_withdrawn({ who }));
    else this.tell(m.staff_offer_elsewhere());
  }

  draftOf = (conversationId: string): DraftKeeper => new DraftKeeper(this.#connection, conversationId);

  tell(text: string): void {
    const id = ++this.#noticeId;
    this.notices = [...this.notices.slice(-2), { id, text }];
    this.#later(8000, () => this.dismiss(id));
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  /** Knocks once: a second press while the first is under way does nothing. */
  async ask<D extends DeskDoor>(door: D, input: WithoutId<DoorInput<D>>, key: string = door): Promise<boolean> {
    if (this.busy.has(key)) return false;
    this.busy.set(key, true);
    try {
      const command = { ...input, commandId: crypto.randomUUID() } as DoorInput<D>;
      const answer = await this.#insist(() => this.#connection.call(door, command));
      if (answer.ok) {
        this.take(answer.value as DeskView);
        return true;
      }
      this.tell(answer.refusal.message);
      return false;
    } finally {
      this.busy.delete(key);
    }
  }

  /** The very same command again while the answer is only late: its id keeps it from happening twice. */
  async #insist<T>(knock: () => Promise<Answer<T>>): Promise<Answer<T>> {
    for (let wait = 300; ; wait *= 2) {
      const answer = await knock();
      if (answer.ok || wait > 1500 || !['network.lost', 'server.busy'].includes(answer.refusal.code)) return answer;
      await new Promise((done) => setTimeout(done, wait));
    }
  }

  async startShift(): Promise<void> {
    const sound = this.alarm.unlock();
    await this.ask('shift.start', {});
    await sound;
  }
  endShift = () => this.ask('shift.end', {});
  setState = (state: 'available' | 'break' | 'minute' | 'finishing') => this.ask('peer.setState', { state });
  setLimit = (chats: number) => this.ask('peer.setLimit', { chats });

  /** @returns whether the server took the answer. */
  async answer(offer: DeskOffer, how: 'accept' | 'decline' | 'recuse'): Promise<boolean> {
    if (how === 'accept' && !this.acceptable(offer.id)) return false;
    if (this.busy.has(offer.id)) return false;
    this.#answered.set(offer.id, how);
    const done = await this.ask(`offer.${how}`, { offerId: offer.id }, offer.id);
    if (!done) this.#answered.delete(offer.id);
    if (done && how !== 'accept') this.tell(how === 'recuse' ? m.staff_offer_recused() : m.staff_offer_declined());
    return done;
  }

  async end(conversationId: string, reason: 'finished' | 'abuse' | 'other'): Promise<boolean> {
    const key = `end:${conversationId}`;
    if (this.busy.has(key)) return false;
    this.busy.set(key, true);
    try {
      const command = { commandId: crypto.randomUUID(), conversationId, reason };
      const answer = await this.#insist(() => this.#connection.call('conversation.end', command));
      const over =
        answer.ok || answer.refusal.code === 'conversation.ended' || answer.refusal.code === 'conversation.gone';
      if (!answer.ok && !over) this.tell(answer.refusal.message);
      if (over) await this.refresh();
      return over;
    } finally {
      this.busy.delete(key);
    }
  }

  /** The screen is locked: what was said, its keys, and notices with names go. Offers and the alarm go on. */
  lock(): void {
    this.locked = true;
    this.notices = [];
    this.talks.lock();
  }
  unlock(): void {
    this.locked = false;
    this.talks.unlock();
    if (this.view) this.talks.follow(this.view.conversations);
  }

  async refresh(): Promise<void> {
    const answer = await this.#connection.call('desk.view', {});
    if (answer.ok) this.take(answer.value);
  }

  name = (one: Pick<DeskConversation, 'name'>) => one.name ?? m.staff_no_name();

  #later(ms: number, run: () => void) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  destroy(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.alarm.destroy();
    this.talks.destroy();
  }
}
