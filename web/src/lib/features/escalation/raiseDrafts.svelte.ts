import type { EscalationKind, RaiseEscalation } from '@hearthline/shared/contracts/escalation';
import { SvelteSet } from 'svelte/reactivity';

export type RaiseDraft = {
  kind: EscalationKind;
  reason: string;
  summary: string;
  asked: NonNullable<RaiseEscalation['asked']> | null;
};

/** What a peer has begun to write in the dialogs, by conversation, in this page's memory only: closing one loses nothing. */
export class RaiseDrafts {
  #drafts = new Map<string, RaiseDraft>();
  #ticks = new Map<string, SvelteSet<string>>();

  of(conversationId: string): RaiseDraft {
    const known = this.#drafts.get(conversationId);
    if (known) return known;
    const fresh: RaiseDraft = $state({ kind: 'consult', reason: '', summary: '', asked: null });
    this.#drafts.set(conversationId, fresh);
    return fresh;
  }

  /** Which steps of the line's protocol are ticked. */
  ticksOf(conversationId: string): SvelteSet<string> {
    const known = this.#ticks.get(conversationId);
    if (known) return known;
    const fresh = new SvelteSet<string>();
    this.#ticks.set(conversationId, fresh);
    return fresh;
  }

  sent(conversationId: string): void {
    this.#drafts.delete(conversationId);
  }

  clear(): void {
    this.#drafts.clear();
    this.#ticks.clear();
  }
}
