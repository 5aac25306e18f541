import { SvelteMap } from 'svelte/reactivity';
import type { ClinicianEscalation, EscalationRecord, OutcomeDraft } from '@hearthline/shared/contracts/escalation';
import type { ClinicianView } from '@hearthline/shared/contracts/views';
import { DraftKeeper } from '#lib/features/staff/draftKeeper.svelte.ts';
import { Talks } from '#lib/features/staff/talks.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Connection } from '#lib/realtime/connection.svelte.ts';
import { Asks } from './asks.svelte.ts';
import { draftOf, emptyOutcome, outcomeFrom, type Outcome } from './outcome.ts';
import { Rings, ringingIn } from './rings.svelte.ts';

/** The clinician's page: the last view, what is being asked, what was handed out, and what they have begun to write. */
export class OnCall {
  view = $state.raw<ClinicianView | null>(null);
  locked = $state(false);
  /** By escalation and by what the caller shares: a consent that was taken back takes its words with it. */
  records = new SvelteMap<string, EscalationRecord>();
  readonly asks: Asks;
  readonly rings: Rings;
  readonly talks: Talks;
  #connection: Connection;
  #outcomes = new SvelteMap<string, Outcome>();
  #keepers = new SvelteMap<string, DraftKeeper<OutcomeDraft>>();
  #reading = new Set<string>();
  /** Answered "I can't" here: that it goes away is no news. */
  #declined = new Set<string>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.asks = new Asks(connection);
    this.rings = new Rings(connection);
    this.talks = new Talks(connection);
  }

  readonly ringing = $derived(ringingIn(this.view?.escalations ?? []));
  /** They have it, and are expected in the talk. */
  readonly awaited = $derived(this.#of('yours', 'acknowledged'));
  /** In the talk, or out of it again with the outcome to write. */
  readonly joined = $derived([...this.#of('yours', 'joined'), ...this.#of('yours', 'left')]);
  readonly theirs = $derived(this.view?.escalations.filter((e) => e.mine === 'theirs') ?? []);
  readonly live = $derived(this.view?.conversations.filter((c) => c.state === 'live' && c.as === 'clinician') ?? []);

  #of(mine: ClinicianEscalation['mine'], state: ClinicianEscalation['state']): ClinicianEscalation[] {
    return this.view?.escalations.filter((e) => e.mine === mine && e.state === state) ?? [];
  }

  /** The talk that belongs to it: the same one, or for advice the one beside it. */
  talkOf = (e: ClinicianEscalation) =>
    this.live.find((c) => c.id === e.conversationId || c.sideOf === e.conversationId);

  /** A view pushed or asked for; an older one than the one shown is left aside. */
  take(view: ClinicianView): void {
    const before = this.view;
    if (before && before.now > view.now) return;
    this.view = view;
    this.rings.follow(view.escalations);
    this.talks.follow(view.conversations.filter((c) => c.as === 'clinician'));
    const gone = ringingIn(before?.escalations ?? []).some(
      (e) => !this.#declined.has(e.id) && !view.escalations.some((now) => now.id === e.id),
    );
    if (gone) this.asks.tell(m.onc_gone());
    this.#read();
  }

  recordOf = (e: ClinicianEscalation): EscalationRecord | undefined => this.records.get(recordKey(e));

  /** Asked for once: each reading is written into the audit log. */
  #read(): void {
    if (this.locked || this.view?.me.locked) return;
    for (const e of [...this.awaited, ...this.joined]) void this.#readOne(e);
    const kept = new Set([...this.awaited, ...this.joined].map(recordKey));
    for (const key of this.records.keys()) if (!kept.has(key)) this.records.delete(key);
  }

  async #readOne(e: ClinicianEscalation): Promise<void> {
    const key = recordKey(e);
    if (this.records.has(key) || this.#reading.has(key)) return;
    this.#reading.add(key);
    const answer = await this.#connection.call('escalation.read', { escalationId: e.id });
    this.#reading.delete(key);
    if (answer.ok && !this.locked) this.records.set(key, answer.value);
  }

  async #escalation(door: 'escalation.acknowledge' | 'escalation.decline' | 'escalation.join', escalationId: string) {
    const view = await this.asks.ask(door, { escalationId }, escalationId);
    if (view) this.take(view);
    else this.#connection.askAgain();
    return view !== null;
  }
  acknowledge = (e: ClinicianEscalation): Promise<boolean> => this.#escalation('escalation.acknowledge', e.id);
  join = (e: ClinicianEscalation): Promise<boolean> => this.#escalation('escalation.join', e.id);
  async decline(e: ClinicianEscalation): Promise<void> {
    this.#declined.add(e.id);
    if (await this.#escalation('escalation.decline', e.id))
      this.asks.tell(e.next ? m.onc_passed({ name: e.next.name }) : m.onc_passed_on());
    else this.#declined.delete(e.id);
  }

  /** Kept with the server (ES17); here it is forgotten with every other word when the page locks. */
  outcomeOf(escalationId: string): Outcome {
    return this.#outcomes.get(escalationId) ?? emptyOutcome;
  }
  writeOutcome(escalationId: string, outcome: Outcome): void {
    this.#outcomes.set(escalationId, outcome);
    this.#keepers.get(escalationId)?.keep(draftOf(outcome));
  }
  /** Whether it is kept, for the one who writes it. */
  keptOf = (escalationId: string) => this.#keepers.get(escalationId)?.state ?? 'nothing';
  /** What an earlier page had kept of it, unless something was written here meanwhile. */
  async recallOutcome(escalationId: string): Promise<void> {
    if (this.#keepers.has(escalationId)) return;
    const keeper = new DraftKeeper<OutcomeDraft>({
      read: () => this.#connection.call('escalation.draft', { escalationId }),
      keep: (draft) => this.#connection.call('escalation.keep', { escalationId, ...draft }),
    });
    this.#keepers.set(escalationId, keeper);
    const earlier = await keeper.earlier();
    const here = this.#outcomes.get(escalationId);
    if (here) keeper.keep(draftOf(here));
    else if (earlier && this.#keepers.get(escalationId) === keeper)
      this.#outcomes.set(escalationId, outcomeFrom(earlier));
  }
  #forgetOutcomes(): void {
    for (const keeper of this.#keepers.values()) keeper.stop();
    this.#keepers.clear();
    this.#outcomes.clear();
  }
  async close(
    e: ClinicianEscalation,
    outcome: Parameters<typeof this.asks.ask<'escalation.close'>>[1],
  ): Promise<boolean> {
    const view = await this.asks.ask('escalation.close', outcome, `close:${e.id}`);
    if (!view) return false;
    this.#keepers.get(e.id)?.stop();
    this.#keepers.delete(e.id);
    this.#outcomes.delete(e.id);
    this.take(view);
    this.asks.tell(m.onc_out_saved({ name: e.peer?.name ?? m.onc_the_peer() }));
    return true;
  }

  async leave(conversationId: string): Promise<boolean> {
    const done = await this.asks.ask('conversation.leave', { conversationId }, `leave:${conversationId}`);
    this.#connection.askAgain();
    return done !== null;
  }
  async end(conversationId: string, reason: 'finished' | 'abuse' | 'other'): Promise<boolean> {
    const done = await this.asks.ask('conversation.end', { conversationId, reason }, `leave:${conversationId}`);
    this.#connection.askAgain();
    return done !== null;
  }

  lock(): void {
    this.locked = true;
    this.asks.notices = [];
    this.records.clear();
    this.#forgetOutcomes();
    this.talks.lock();
  }
  unlock(): void {
    this.locked = false;
    this.talks.unlock();
    if (this.view) this.talks.follow(this.view.conversations.filter((c) => c.as === 'clinician'));
  }
  destroy(): void {
    this.asks.destroy();
    this.rings.destroy();
    this.talks.destroy();
    this.records.clear();
    this.#forgetOutcomes();
  }
}

const recordKey = (e: ClinicianEscalation): string => `${e.id} ${e.share ?? ''}`;
