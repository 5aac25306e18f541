import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { DoorInput, WrapUpDraft } from '@hearthline/shared/contracts/doors';
import type { DeskConversation, DeskView } from '@hearthline/shared/contracts/views';
import type { Answer, Connection } from '#lib/realtime/connection.svelte.ts';
import { RaiseDrafts } from '#lib/features/escalation/raiseDrafts.svelte.ts';
import { DeskAsked } from './deskAsked.svelte.ts';
import { DraftKeeper } from './draftKeeper.svelte.ts';
import { Talks } from './talks.svelte.ts';
import { m } from '#lib/paraglide/messages.js';

export type Notice = { id: number; text: string };
type DeskDoor =
  | 'shift.start'
  | 'shift.end'
  | 'peer.setState'
  | 'peer.setLimit'
  | 'peer.setChannels'
  | 'offer.accept'
  | 'offer.decline'
  | 'offer.recuse'
  | 'wrapUp.submit'
  | 'escalation.raise'
  | 'escalation.again'
  | 'escalation.withdraw'
  | 'conversation.leave'
  | 'conversation.handOver'
  | 'invitation.make'
  | 'invitation.withdraw'
  | 'invitation.accept'
  | 'invitation.decline';
type WithoutId<T> = Omit<T, 'commandId'>;

/** The desk of one peer: the last view the server sent, what is being asked right now, and what to tell the peer. */
export class Desk {
  view = $state.raw<DeskView | null>(null);
  notices = $state<Notice[]>([]);
  /** Doors that are being knocked at: by door and, where several can stand side by side, by record. */
  busy = new SvelteMap<string, true>();
  active = $state<string | null>(null);
  locked = $state(false);
  readonly asked: DeskAsked;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #noticeId = 0;
  readonly talks: Talks;
  readonly raising = new RaiseDrafts();
  /** Invitations that are over and whose end has been read. */
  readonly readEnds = new SvelteSet<string>();
  #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.talks = new Talks(connection);
    this.asked = new DeskAsked(this, connection.serverNow);
    connection.on('line.waiting', ({ lineId, waiting }) => {
      if (this.view?.line?.id === lineId) this.view = { ...this.view, waitingCount: waiting };
    });
  }

  get onShift() {
    return this.view !== null && this.view.peer.state !== 'off';
  }

  /** A view pushed or asked for. An older one than the one shown is left aside. */
  take(view: DeskView): void {
    const before = this.view;
    if (before && before.now > view.now) return;
    this.view = view;
    this.asked.follow(before, view);
    this.talks.follow(view.conversations);
    const ids = view.conversations.map((one) => one.id);
    const fresh = before && view.conversations.find((one) => !before.conversations.some((old) => old.id === one.id));
    if (fresh) this.active = fresh.id;
    else if (!this.active || !ids.includes(this.active)) this.active = ids[0] ?? null;
  }

  draftOf = (conversationId: string): DraftKeeper<WrapUpDraft> =>
    new DraftKeeper({
      read: () => this.#connection.call('wrapUp.draft', { conversationId }),
      keep: (draft) => this.#connection.call('wrapUp.keep', { conversationId, ...draft }),
    });

  tell(text: string): void {
    const id = ++this.#noticeId;
    this.notices = [...this.notices.slice(-2), { id, text }];
    this.later(8000, () => this.dismiss(id));
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  /** Knocks once: a second press while the first is under way does nothing. @param refused is told why not */
  async ask<D extends DeskDoor>(
    door: D,
    input: WithoutId<DoorInput<D>>,
    key: string = door,
    refused: (why: string) => void = (why) => this.tell(why),
  ): Promise<boolean> {
    if (this.busy.has(key)) return false;
    this.busy.set(key, true);
    try {
      const command = { ...input, commandId: crypto.randomUUID() } as DoorInput<D>;
      const answer = await this.#insist(() => this.#connection.call(door, command));
      if (answer.ok) {
        if ('conversations' in answer.value) this.take(answer.value as DeskView);
        else await this.refresh();
        return true;
      }
      refused(answer.refusal.message);
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
    const sound = this.asked.alarm.unlock();
    await this.ask('shift.start', {});
    await sound;
  }
  endShift = () => this.ask('shift.end', {});
  setState = (state: 'available' | 'break' | 'minute' | 'finishing') => this.ask('peer.setState', { state });
  setLimit = (chats: number) => this.ask('peer.setLimit', { chats });
  setChannels = (channels: DoorInput<'peer.setChannels'>['channels']) => this.ask('peer.setChannels', { channels });

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

  /** Whom the holder of this talk could ask in. */
  colleagues = (conversationId: string) => this.#connection.call('colleagues.list', { conversationId });
  leave = (conversationId: string) => this.ask('conversation.leave', { conversationId }, `pass:${conversationId}`);
  handOver = (conversationId: string, to: string) =>
    this.ask('conversation.handOver', { conversationId, to }, `pass:${conversationId}`);

  /** The screen is locked: what was said, its keys, and notices with names go. Offers and the alarm go on. */
  lock(): void {
    this.locked = true;
    this.notices = [];
    this.raising.clear();
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

  /** A coordinator knows the name only where the caller has shared something with them (IN7). */
  name = ({ name, as }: Pick<DeskConversation, 'name' | 'as'>) =>
    name ?? (as === 'peer' ? m.staff_no_name() : m.onc_the_caller());

  /** Not any more once the desk is closed. */
  later(ms: number, run: () => void) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  destroy(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.asked.alarm.destroy();
    this.raising.clear();
    this.talks.destroy();
  }
}
