import type { CallerEscalation, Share } from '@hearthline/shared/contracts/escalation';
import { CallerAsked } from './callerAsked.svelte.ts';

/** The caller said no, stopped it, or somebody else did. */
type Ended = 'saidNo' | 'stopped' | 'notNow';
const fresh = () => ({ commandId: crypto.randomUUID() });

/** What a caller says about a clinician: whether one may come, what may be seen, and that they have changed their mind. */
export class CallerClinician extends CallerAsked<Ended> {
  /** What was shared is closed since a moment ago. */
  takenBack = $state(false);
  #last: CallerEscalation | null = null;
  /** Of the wish that is under way: pressed again after a lost answer it is the same wish. */
  #wish = fresh();

  /** What the last view says. */
  follow(now: CallerEscalation | null): void {
    const before = this.#last;
    this.#last = now;
    if (now) {
      this.ended = null;
      if (now.id !== before?.id) this.takenBack = false;
      return;
    }
    if (before) this.over(before.kind !== 'consult' && before.state !== 'joined' ? 'notNow' : null);
    this.takenBack = false;
  }

  async ask(conversationId: string, share: 'nothing' | 'conversation'): Promise<boolean> {
    const done = await this.knock('escalation.ask', { ...this.#wish, conversationId, share });
    if (done) this.#wish = fresh();
    return done;
  }

  async answer(escalationId: string, yes: boolean, share?: Share, summary?: string): Promise<void> {
    const said = { ...(share ? { share } : {}), ...(summary ? { summary } : {}) };
    await this.knock('escalation.answer', { ...fresh(), escalationId, yes, ...said }, yes ? null : 'saidNo');
  }

  async stop(escalationId: string): Promise<void> {
    await this.knock('escalation.withdraw', { ...fresh(), escalationId }, 'stopped');
  }

  async takeBack(escalationId: string): Promise<void> {
    this.takenBack = await this.knock('consent.revoke', { ...fresh(), escalationId });
  }
}
