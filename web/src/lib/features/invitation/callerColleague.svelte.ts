import type { CallerInvitation, SharedBefore } from '@hearthline/shared/contracts/invitation';
import type { Party } from '@hearthline/shared/contracts/views';
import { CallerAsked } from '#lib/features/escalation/callerAsked.svelte.ts';

/** The caller said no, stopped it, or it came to nothing without them. */
type Ended = 'saidNo' | 'stopped' | 'notNow';
const fresh = () => ({ commandId: crypto.randomUUID() });

/** What a caller says about a colleague of their peer: whether one may come, what may be seen, and that they had rather not. */
export class CallerColleague extends CallerAsked<Ended> {
  #last: CallerInvitation | null = null;
  #peers: readonly string[] | null = null;

  /** What the last view says. Who came is named where everybody is. */
  follow(now: CallerInvitation | null, parties: readonly Party[]): void {
    const [before, known] = [this.#last, this.#peers];
    const peers = parties.filter(({ role }) => role === 'peer').map(({ id }) => id);
    this.#last = now;
    this.#peers = peers;
    if (now) this.ended = null;
    else if (known && peers.some((id) => !known.includes(id))) this.over(null);
    else if (before) this.over('notNow');
  }

  async answer(invitationId: string, yes: boolean, share?: SharedBefore): Promise<void> {
    const said = share ? { share } : {};
    await this.knock('invitation.answer', { ...fresh(), invitationId, yes, ...said }, yes ? null : 'saidNo');
  }

  async stop(invitationId: string): Promise<void> {
    await this.knock('invitation.withdraw', { ...fresh(), invitationId }, 'stopped');
  }
}
